'use client'
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { PostgreSQL, sql } from '@codemirror/lang-sql'
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { makeStyles, tokens } from '@fluentui/react-components'
import { tags } from '@lezer/highlight'
import { type RefObject, useEffect, useRef } from 'react'

const useStyles = makeStyles({
  frame: {
    border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    overflow: 'hidden',
    ':focus-within': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
})

// Colours by Fluent's variables follow the theme by themselves.
const LOOKS = EditorView.theme({
  '&': { color: tokens.colorNeutralForeground1, fontSize: tokens.fontSizeBase300 },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: tokens.fontFamilyMonospace, minHeight: '160px', maxHeight: '45vh', overflow: 'auto' },
  '.cm-content': { caretColor: tokens.colorNeutralForeground1 },
  '.cm-cursor': { borderLeftColor: tokens.colorNeutralForeground1 },
  '.cm-gutters': {
    backgroundColor: tokens.colorNeutralBackground3,
    color: tokens.colorNeutralForeground3,
    border: 'none',
  },
  '.cm-activeLine': { backgroundColor: tokens.colorSubtleBackgroundHover },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: `${tokens.colorBrandBackground2Hover} !important`,
  },
  '.cm-tooltip': {
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: tokens.colorBrandBackground,
    color: tokens.colorNeutralForegroundOnBrand,
  },
})

const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: tokens.colorBrandForeground1, fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: tokens.colorPaletteGreenForeground1 },
  { tag: [tags.number, tags.bool, tags.null], color: tokens.colorPaletteBerryForeground1 },
  { tag: tags.comment, color: tokens.colorNeutralForeground3, fontStyle: 'italic' },
  { tag: tags.typeName, color: tokens.colorPalettePurpleForeground2 },
])

/**
 * An editor for SQL. Ctrl-Enter runs; Tab leaves it as any other field, so that nobody is held in it. The text is its
 * own: read it from `view`.
 */
export function SqlEditor(props: { view: RefObject<EditorView | null>; initial: string; onRun: () => void }) {
  const styles = useStyles()
  const parent = useRef<HTMLDivElement>(null)
  const run = useRef(props.onRun)
  run.current = props.onRun
  const { view, initial } = props
  useEffect(() => {
    const editor = new EditorView({ parent: parent.current!, state: stateOf(initial, () => run.current()) })
    view.current = editor
    return () => {
      view.current = null
      editor.destroy()
    }
  }, [view, initial])
  return <div ref={parent} className={styles.frame} />
}

const runsBy = (run: () => void) => () => {
  run()
  return true
}

const stateOf = (doc: string, run: () => void): EditorState =>
  EditorState.create({
    doc,
    extensions: [
      keymap.of([
        { key: 'Mod-Enter', run: runsBy(run) },
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...historyKeymap,
        ...defaultKeymap,
      ]),
      lineNumbers(),
      history(),
      drawSelection(),
      bracketMatching(),
      closeBrackets(),
      autocompletion(),
      highlightActiveLine(),
      sql({ dialect: PostgreSQL, upperCaseKeywords: true }),
      syntaxHighlighting(COLOURS),
      LOOKS,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': 'SQL statements' }),
    ],
  })
