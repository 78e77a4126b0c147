// Suggestions: what may stand at a place, from the shapes and the data, told by /api/terms. The query stays here.

import { classOf, placeOf } from './position.js';

const KEYWORDS = [
  'SELECT', 'DISTINCT', 'WHERE', 'PREFIX', 'CONSTRUCT', 'DESCRIBE', 'ASK', 'OPTIONAL', 'FILTER', 'UNION', 'MINUS', 'BIND', 'VALUES',
  'GRAPH', 'GROUP BY', 'HAVING', 'ORDER BY', 'LIMIT', 'OFFSET', 'FILTER NOT EXISTS',
];
const FUNCTIONS = [
  'AS', 'ASC', 'BOUND', 'COALESCE', 'CONCAT', 'CONTAINS', 'COUNT', 'DATATYPE', 'DESC', 'EXISTS', 'IF', 'IN', 'LANG', 'LANGMATCHES',
  'LCASE', 'MAX', 'MIN', 'NOT', 'REGEX', 'SAMPLE', 'STR', 'STRAFTER', 'STRLEN', 'STRSTARTS', 'SUM', 'YEAR', 'AVG', 'GROUP_CONCAT',
];
const DECLARATION = /\bPREFIX\s+([\w.-]*:)\s*<([^<>\s]*)>/gi;

/** The source of suggestions. texts: those of the form, in the reader's language. */
export function suggest(texts) {
  const known = new Map();
  const ask = async (parameters) => {
    const address = `/api/terms?${new URLSearchParams({ ...parameters, lang: texts.language })}`;
    if (!known.has(address)) {
      known.set(address, fetch(address).then((answer) => (answer.ok ? answer.json() : { terms: [] }), () => ({ terms: [] })));
    }
    return (await known.get(address)).terms;
  };
  return async (context) => {
    const place = placeOf(context.state, context.pos);
    if (!place || (!context.explicit && !place.word)) return null;
    const text = context.state.doc.toString();
    const options = await optionsFor(place, text, ask, texts);
    return options.length && !context.aborted ? { from: place.from, options, filter: false } : null;
  };
}

async function optionsFor(place, text, ask, texts) {
  const variables = names(text, place.word).map((label) => ({ label, type: 'variable' }));
  if (place.word.startsWith('?') || place.word.startsWith('$')) return variables;
  const prefixes = await ask({ kind: 'prefix' });
  const iri = (name) => expand(name, text, prefixes);
  const terms = async (parameters) => {
    const given = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value));
    return (await ask({ q: place.word, ...given })).map((term) => option(term, text, prefixes, texts));
  };
  const class_ = iri(classOf(text, place.subject));
  switch (place.kind) {
    case 'prefix':
      return prefixes.filter((term) => term.prefixed.startsWith(place.word))
        .map((term) => ({ label: term.prefixed, detail: term.iri, apply: `${term.prefixed} <${term.iri}>` }));
    case 'subject':
      return [...variables, ...words(KEYWORDS, place.word)];
    case 'predicate': {
      const found = await terms({ kind: 'property', class: class_ });
      return found.length || !class_ ? found : terms({ kind: 'property' });
    }
    case 'object': {
      if (['a', 'rdf:type'].includes(place.predicate)) return terms({ kind: 'class' });
      const property = iri(place.predicate);
      return [...variables, ...(property ? await terms({ kind: 'value', property, class: class_ }) : [])];
    }
    default:
      return [...variables, ...words([...FUNCTIONS, ...KEYWORDS], place.word)];
  }
}

/** A term of the library as an option. Taking it declares its prefix, if the query has not. */
function option(term, text, prefixes, texts) {
  return {
    label: term.prefixed,
    detail: term.label && term.label !== term.prefixed ? term.label : undefined,
    info: term.description || term.count !== null ? () => told(term, texts) : undefined,
    apply: (view, _, from, to) => {
      const prefix = term.prefixed.match(/^([\w.-]*:)(?!\/\/)/)?.[1];
      const declared = prefix && ([...text.matchAll(DECLARATION)].some(([, name]) => name === prefix) || null);
      const known = prefix && prefixes.find((each) => each.prefixed === prefix);
      const head = !declared && known ? `PREFIX ${prefix} <${known.iri}>\n` : '';
      view.dispatch({
        changes: [...(head ? [{ from: 0, insert: head }] : []), { from, to, insert: term.prefixed }],
        selection: { anchor: from + head.length + term.prefixed.length },
        userEvent: 'input.complete',
      });
    },
  };
}

function told(term, texts) {
  const box = document.createElement('div');
  box.dir = 'auto';
  for (const line of [term.description, term.count === null ? null : `${texts.used} ${term.count}`].filter(Boolean)) {
    box.append(Object.assign(document.createElement('p'), { textContent: line }));
  }
  return box;
}

/** The IRI that a name in a query stands for; null for variables, paths and unknown prefixes. */
function expand(name, text, prefixes) {
  if (!name) return null;
  if (name === 'a') return 'http://www.w3.org/1999/02/22-rdf-syntax-ns#type';
  const written = name.match(/^<([^<>\s]+)>$/)?.[1];
  if (written) return written;
  const [, prefix, local] = name.match(/^([\w.-]*:)([\w.-]*)$/) ?? [];
  if (!prefix) return null;
  const own = [...text.matchAll(DECLARATION)].find(([, declared]) => declared === prefix)?.[2];
  const start = own ?? prefixes.find((term) => term.prefixed === prefix)?.iri;
  return start ? start + local : null;
}

function names(text, word) {
  const all = new Set(text.match(/[?$]\w+/g) ?? []);
  all.delete(word);
  return [...all].filter((name) => name.startsWith(word || '?'));
}

function words(list, word) {
  const wanted = word.toUpperCase();
  return list.filter((each) => each.startsWith(wanted) && each !== wanted).map((label) => ({ label, type: 'keyword' }));
}
