// Puts an editor in the place of a text area; what is written in it goes into the form.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { sparql } from 'codemirror-lang-sparql';

import { suggest } from './completion.js';
import { colours } from './colours.js';
import { replacing } from './replacing.js';

/** The editor for a text area of a form. Tab is left alone, so that the keyboard gets out. */
export function mount(area, form) {
  const field = document.createElement('input');
  field.type = 'hidden';
  field.name = area.name;
  field.value = area.value;
  const run = () => {
    form.requestSubmit();
    return true;
  };
  const place = document.createElement('div');
  area.replaceWith(field, place);
  const view = new EditorView({
    parent: place,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        EditorView.cspNonce.of(form.dataset.nonce),
        keymap.of([{ key: 'Mod-Enter', run }, ...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        bracketMatching(),
        closeBrackets(),
        indentOnInput(),
        indentUnit.of('  '),
        EditorView.lineWrapping,
        sparql(),
        colours,
        replacing,
        lintGutter(),
        autocompletion({ override: [suggest(form.dataset)], icons: false, closeOnBlur: true }),
        EditorView.contentAttributes.of({
          'aria-labelledby': 'query-label', 'aria-describedby': 'keys', dir: 'ltr', lang: 'en', spellcheck: 'false',
          autocapitalize: 'off', autocorrect: 'off',
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) field.value = update.state.doc.toString();
        }),
      ],
    }),
  });
  view.dom.dir = 'ltr';
  const label = document.querySelector('label[for="' + area.id + '"]');
  label?.removeAttribute('for');
  label?.addEventListener('click', () => view.focus());
  document.querySelector('#keys').hidden = false;
  return view;
}

/** Marks the place that a problem names by data-line and data-column; without one, takes marks away. */
export function mark(view, problem) {
  if (!problem) {
    view.dispatch(setDiagnostics(view.state, []));
    return;
  }
  const { doc } = view.state;
  const line = doc.line(Math.min(Math.max(1, Number(problem.dataset.line)), doc.lines));
  const start = Math.min(line.from + Number(problem.dataset.column) - 1, line.to);
  const word = doc.sliceString(start, line.to).match(/^\S+/)?.[0].length ?? 0;
  // At the end of a line there is nothing to underline, so the character before it is.
  const [from, to] = word ? [start, start + word] : [Math.max(line.from, start - 1), line.to];
  const message = problem.querySelector('p')?.textContent ?? '';
  view.dispatch(setDiagnostics(view.state, [{ from, to, severity: 'error', message }]), { selection: { anchor: from }, scrollIntoView: true });
}
