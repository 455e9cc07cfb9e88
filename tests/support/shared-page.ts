/** A page of text as it was drawn, and how each of its characters looks. */
export type Page = {
  width: number
  height: number
  text: string[]
  /** Of a character's cell, pixels. */
  cell: { width: number; height: number; left: number; top: number }
  /** Grey of a cell, row by row, by character. */
  glyphs: Record<string, number[]>
}

/** Runs in a page: draws text of 16 px on a canvas of 1080p, with a cursor that blinks so that frames go on. */
export function drawPage(): Page {
  const characters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-=()'
  const [width, height] = [1920, 1080]
  const cell = { width: 10, height: 26, left: 240, top: 120 }
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  document.body.append(canvas)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('no canvas')
  const clear = () => {
    context.fillStyle = 'white'
    context.fillRect(0, 0, width, height)
    context.fillStyle = 'black'
    context.font = '16px monospace'
    context.textBaseline = 'top'
  }
  const draw = (character: string, row: number, column: number) =>
    context.fillText(character, cell.left + column * cell.width, cell.top + row * cell.height)
  clear()
  const glyphs: Record<string, number[]> = {}
  for (const [column, character] of [...characters].entries()) {
    draw(character, 0, column)
    const { data } = context.getImageData(cell.left + column * cell.width, cell.top, cell.width, cell.height)
    glyphs[character] = Array.from({ length: data.length / 4 }, (_, i) => data[i * 4] ?? 0)
  }
  clear()
  const rows = 30
  const columns = 90
  const text = Array.from({ length: rows }, (_, row) =>
    Array.from(
      { length: columns },
      (_, column) => characters[(row * 31 + column * 7) % characters.length],
    ).join(''),
  )
  for (const [row, line] of text.entries())
    for (const [column, character] of [...line].entries()) draw(character, row, column)
  let on = false
  setInterval(() => {
    on = !on
    context.fillStyle = on ? 'black' : 'white'
    context.fillRect(4, 4, 12, 20)
  }, 66)
  return { width, height, text, cell, glyphs }
}

/** Share of the characters that a reader who knows the font takes for what they are. */
export function readPage(grey: Uint8Array, page: Page): number {
  const candidates = Object.entries(page.glyphs).map(([character, pixels]) => ({
    character,
    pixels: centre(pixels),
  }))
  let right = 0
  let all = 0
  for (const [row, line] of page.text.entries()) {
    for (const [column, character] of [...line].entries()) {
      const seen = centre(cut(grey, page, row, column))
      const best = candidates.reduce((a, b) => (likeness(seen, b.pixels) > likeness(seen, a.pixels) ? b : a))
      right += best.character === character ? 1 : 0
      all += 1
    }
  }
  return right / all
}

function cut(grey: Uint8Array, { width, cell }: Page, row: number, column: number): number[] {
  const [left, top] = [cell.left + column * cell.width, cell.top + row * cell.height]
  return Array.from({ length: cell.width * cell.height }, (_, i) => {
    const [x, y] = [i % cell.width, Math.floor(i / cell.width)]
    return grey[(top + y) * width + left + x] ?? 0
  })
}

/** Without its mean and of length one, so that contrast does not matter. */
function centre(pixels: readonly number[]): number[] {
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length
  const moved = pixels.map((value) => value - mean)
  const length = Math.sqrt(moved.reduce((sum, value) => sum + value * value, 0)) || 1
  return moved.map((value) => value / length)
}

function likeness(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
}
