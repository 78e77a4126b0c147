// Puts an editor in the place of a text area.

import { sparql } from 'codemirror-lang-sparql';

export function mount(area, EditorView) {
  const view = new EditorView({ doc: area.value, extensions: [sparql()] });
  area.before(view.dom);
  return view;
}
