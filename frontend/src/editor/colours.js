// How the editor looks: every colour is a variable of the stylesheet, so that dark mode and contrast are settled there.

import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const theme = EditorView.theme({
  '&': {
    backgroundColor: 'var(--sheet)', color: 'var(--ink)', border: '1px solid var(--quiet)', borderRadius: '.45rem',
    fontSize: '.95rem', textAlign: 'left',
  },
  '&.cm-focused': { outline: '3px solid var(--accent)', outlineOffset: '2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', minHeight: '12rem', maxHeight: '32rem', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '.6rem 0' },
  '.cm-gutters': { backgroundColor: 'var(--ground)', color: 'var(--quiet)', border: 'none', borderRadius: '.45rem 0 0 .45rem' },
  '.cm-activeLine': { backgroundColor: 'var(--code-line)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--code-selection)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--code-selection)', outline: '1px solid var(--quiet)' },
  '.cm-tooltip': { backgroundColor: 'var(--sheet)', color: 'var(--ink)', border: '1px solid var(--quiet)', borderRadius: '.35rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '18em', maxWidth: 'min(44rem, 92vw)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '.2rem .6rem' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionDetail': { fontFamily: 'var(--sans)', fontStyle: 'normal', color: 'var(--quiet)', marginInlineStart: '1em', unicodeBidi: 'isolate' },
  '.cm-tooltip-autocomplete ul li[aria-selected] .cm-completionDetail': { color: 'inherit' },
  '.cm-tooltip.cm-completionInfo': { fontFamily: 'var(--sans)', maxWidth: '22rem', padding: '.5rem .7rem' },
  // In a narrow window it would lie over the suggestions.
  '.cm-completionInfo.cm-completionInfo-left-narrow, .cm-completionInfo.cm-completionInfo-right-narrow': { top: '100% !important', insetInline: '0 auto' },
  '.cm-completionInfo p': { margin: '0 0 .3rem' },
  '.cm-diagnostic-error': { borderLeft: '4px solid var(--loud)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--loud) 2px', textUnderlineOffset: '.2em' },
  '.cm-lint-marker-error': { content: '""', width: '.7em', height: '.7em', borderRadius: '50%', backgroundColor: 'var(--loud)', marginBlockStart: '.4em' },
});

const words = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--code-keyword)', fontWeight: '600' },
  { tag: [tags.variableName], color: 'var(--code-variable)' },
  { tag: [tags.string, tags.annotation], color: 'var(--code-string)' },
  { tag: [tags.number, tags.integer, tags.float, tags.bool], color: 'var(--code-string)' },
  { tag: [tags.namespace, tags.url], color: 'var(--code-name)' },
  { tag: tags.comment, color: 'var(--quiet)', fontStyle: 'italic' },
]);

export const colours = [theme, syntaxHighlighting(words)];
