/** Counts a word in bytes that come in parts, also where it lies across two of them. */
export class Needle {
  count = 0
  private readonly word: Buffer
  private tail = Buffer.alloc(0)

  constructor(word: string) {
    this.word = Buffer.from(word, 'utf8')
  }

  feed(part: Buffer): void {
    const bytes = this.tail.length ? Buffer.concat([this.tail, part]) : part
    let after = 0
    for (let at = bytes.indexOf(this.word); at >= 0; at = bytes.indexOf(this.word, after)) {
      this.count++
      after = at + this.word.length
    }
    // What was counted is not looked at again.
    this.tail = Buffer.from(bytes.subarray(Math.max(after, bytes.length - this.word.length + 1)))
  }
}
