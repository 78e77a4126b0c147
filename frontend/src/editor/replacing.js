// Typing over a selection, done by the editor itself.
//
// Left to the browser, Chromium joins the lines that remain by elements with a style of their own, which the policy of
// the page rightly refuses, with a complaint in the console.

import { EditorView } from '@codemirror/view';

export const replacing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const text = event.data;
    const chosen = document.getSelection(); // the editor itself may not have heard yet of a selection this new
    if (event.inputType !== 'insertText' || !text || view.composing) return false;
    if (!chosen || chosen.isCollapsed || !view.contentDOM.contains(chosen.anchorNode)) return false;
    const ends = [view.posAtDOM(chosen.anchorNode, chosen.anchorOffset), view.posAtDOM(chosen.focusNode, chosen.focusOffset)];
    const [from, to] = [Math.min(...ends), Math.max(...ends)];
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
