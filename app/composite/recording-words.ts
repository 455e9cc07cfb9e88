/**
 * What livekit/egress waits for in the console of a page that it films (LiveKit's recorder template): it begins to write
 * at the first and ends at the second.
 */
const START = 'START_RECORDING'
const END = 'END_RECORDING'
/** A class may begin without a camera: then the page as it is, and not nothing. */
const PATIENCE_MS = 5_000
const LOOK_MS = 100

/** Says the first word once a picture moves, or nobody shows one for long; the second once, whenever asked. */
export function createRecordingWords(say: (word: string) => void = (word) => console.log(word)) {
  let said: 'nothing' | 'start' | 'end' = 'nothing'
  function start(): void {
    if (said !== 'nothing') return
    said = 'start'
    say(START)
  }
  return {
    begin(): () => void {
      const patience = setTimeout(start, PATIENCE_MS)
      const look = setInterval(() => {
        const videos = [...document.querySelectorAll('video')]
        if (videos.some((video) => video.getVideoPlaybackQuality().totalVideoFrames > 0)) start()
      }, LOOK_MS)
      return () => {
        clearTimeout(patience)
        clearInterval(look)
      }
    },
    end(): void {
      if (said === 'end') return
      said = 'end'
      say(END)
    },
  }
}
