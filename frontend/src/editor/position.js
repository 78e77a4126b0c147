// What stands at a place of a query: a subject, a predicate of some subject, an object of some predicate, …

import { syntaxTree } from '@codemirror/language';

const WORD = /(?:[?$][\w]*|[\w\u00c0-\uffff.-]*:?[\w\u00c0-\uffff.-]*)$/u;
const SILENT = new Set(['Comment', 'String', 'IriRef', 'RDFLiteral', 'Langtag']);
const EXPRESSIONS = new Set([
  'Filter', 'Bind', 'Expression', 'SelectClause', 'SolutionModifier', 'GroupClause', 'OrderClause', 'HavingClause',
  'LimitOffsetClauses', 'BrackettedExpression', 'Constraint',
]);
const VERBS = new Set(['VerbPath', 'VerbSimple', 'Verb']);
const TRIPLES = new Set(['TriplesSameSubjectPath', 'TriplesSameSubject']);

/**
 * The place of the word before a position: { kind, from, word, subject, predicate }.
 *
 * kind: prefix, subject, predicate, object, expression; null inside strings, comments and addresses. The syntax tree
 * tells it where it can; where the text is not finished, and so the tree not sure, the words before do.
 */
export function placeOf(state, position) {
  const line = state.doc.lineAt(position);
  const word = state.sliceDoc(line.from, position).match(WORD)[0];
  const from = position - word.length;
  const tree = syntaxTree(state);
  if (within(tree.resolveInner(position, -1), SILENT)) return null;
  const before = backward(state, tree, from);
  const node = tree.resolveInner(before, -1);
  const last = state.sliceDoc(before - 1, before);
  const place = { kind: 'expression', from, word };
  if (/\bPREFIX$/i.test(state.sliceDoc(Math.max(0, before - 7), before))) return { ...place, kind: 'prefix' };
  if (/[{}.]|^$/.test(last)) return { ...place, kind: 'subject' };
  if (within(node, EXPRESSIONS) && !/[;,]/.test(last)) return place;
  const { subject, words } = statement(state, before);
  if (/[;/|^]/.test(last)) return { ...place, kind: 'predicate', subject };
  const verb = within(node, VERBS);
  if (verb) return { ...place, kind: 'object', subject, predicate: state.sliceDoc(verb.from, verb.to).trim() };
  const triples = within(node, TRIPLES);
  if (triples?.firstChild && triples.firstChild.to === before) return { ...place, kind: 'predicate', subject };
  if (words.length === 0) return { ...place, kind: subject ? 'predicate' : 'subject', subject };
  return last === ',' || words.length === 1 ? { ...place, kind: 'object', subject, predicate: words[0] } : place;
}

/** The class that a query gives to a subject, as it is written there. */
export function classOf(text, subject) {
  if (!subject) return null;
  const escaped = subject.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.match(new RegExp(`${escaped}\\s+(?:a|rdf:type)\\s+([^\\s;.,{}]+)`))?.[1] ?? null;
}

/** The nearest node, from one upwards, with one of some names. */
function within(node, names) {
  for (let at = node; at; at = at.parent) if (names.has(at.name)) return at;
  return null;
}

/** The end of the last thing before a position that is neither space nor comment. */
function backward(state, tree, position) {
  for (let at = position; at > 0; ) {
    if (/\s/.test(state.sliceDoc(at - 1, at))) at -= 1;
    else {
      const node = tree.resolveInner(at, -1);
      if (node.name !== 'Comment') return at;
      at = node.from;
    }
  }
  return 0;
}

/** The subject of the statement that ends at a position, and the words since the subject or the last semicolon. */
function statement(state, position) {
  const text = state.sliceDoc(Math.max(0, position - 2000), position).replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>|(\.)(?=\d)/g, (found) => found.replace(/[.;{}\s]/g, '_'));
  const original = state.sliceDoc(Math.max(0, position - 2000), position);
  const start = Math.max(...['. ', '.\n', '{', '}'].map((mark) => text.lastIndexOf(mark))) + 1;
  const parts = text.slice(start).split(';');
  const [subject] = original.slice(start).trim().split(/\s+/);
  const words = (parts.length > 1 ? parts.at(-1).trim() : parts[0].trim().replace(/^\S+\s*/, '')).split(/\s+/).filter(Boolean);
  return { subject, words };
}
