// Typing over a selection, done by the editor itself.
//
// Left to the browser, Chromium joins the lines that remain by elements with a style of their own, which the policy of
// the page rightly refuses, with a complaint in the console.

import { EditorView } from '@codemirror/view';

export const replacing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const text = event.data;
    const [range] = event.getTargetRanges(); // the editor may not have heard of a selection this new
    if (event.inputType !== 'insertText' || !text || !range || range.collapsed || view.composing) return false;
    const from = view.posAtDOM(range.startContainer, range.startOffset);
    const to = view.posAtDOM(range.endContainer, range.endOffset);
    const insert = () => view.state.update({
      changes: { from, to, insert: view.state.toText(text) },
      selection: { anchor: from + text.length },
      userEvent: 'input.type',
      scrollIntoView: true,
    });
    // Others may want the input first, such as what puts a selection in brackets.
    if (!view.state.facet(EditorView.inputHandler).some((handler) => handler(view, from, to, text, insert))) view.dispatch(insert());
    return true;
  },
});
