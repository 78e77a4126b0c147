// Puts an editor in the place of a text area.

import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { lintGutter } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { sparql } from 'codemirror-lang-sparql';

export function mount(area) {
  const extensions = [
    sparql(), history(), autocompletion({ icons: false }), lintGutter(), keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
  ];
  const view = new EditorView({ state: EditorState.create({ doc: area.value, extensions }) });
  area.before(view.dom);
  return view;
}
