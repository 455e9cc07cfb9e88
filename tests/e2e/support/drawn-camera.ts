/** What the camera of a page sees instead of Chromium's test picture. Runs in the page, before its own scripts. */
type Camera = () => void

/** Somebody beside a board with a wave on it that moves. */
export const teacherAtTheBoard: Camera = () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 })
  const pen = canvas.getContext('2d')
  const draw = () => {
    if (!pen) return
    pen.fillStyle = '#d9d3c7'
    pen.fillRect(0, 0, 640, 360)
    pen.fillStyle = '#21473a'
    pen.fillRect(40, 36, 400, 220)
    pen.strokeStyle = '#f3f1e7'
    pen.lineWidth = 4
    pen.beginPath()
    for (let x = 64; x < 416; x += 4) pen.lineTo(x, 146 + 56 * Math.sin(x / 36 - performance.now() / 500))
    pen.stroke()
    pen.fillStyle = '#34507a'
    pen.beginPath()
    pen.ellipse(530, 372, 96, 150, 0, 0, 7)
    pen.fill()
    pen.fillStyle = '#a9714f'
    pen.beginPath()
    pen.arc(530, 168, 54, 0, 7)
    pen.fill()
    pen.fillStyle = '#2b2320'
    pen.beginPath()
    pen.arc(530, 158, 58, 3.1, 6.3)
    pen.fill()
  }
  setInterval(draw, 66)
  const devices = navigator.mediaDevices
  const real = devices.getUserMedia.bind(devices)
  devices.getUserMedia = async (wanted) => (wanted?.video ? canvas.captureStream(15) : real(wanted))
}

/** Somebody at home, nodding a little. */
export const studentAtHome: Camera = () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 })
  const pen = canvas.getContext('2d')
  const draw = () => {
    if (!pen) return
    const nod = 4 * Math.sin(performance.now() / 400)
    pen.fillStyle = '#8fa9bd'
    pen.fillRect(0, 0, 640, 360)
    pen.fillStyle = '#f0e6cf'
    pen.fillRect(60, 40, 130, 170)
    pen.fillStyle = '#7a4b2b'
    pen.beginPath()
    pen.ellipse(340, 400, 150, 170, 0, 0, 7)
    pen.fill()
    pen.fillStyle = '#e3b48f'
    pen.beginPath()
    pen.arc(340, 160 + nod, 78, 0, 7)
    pen.fill()
    pen.fillStyle = '#5a2d17'
    pen.beginPath()
    pen.arc(340, 142 + nod, 84, 3, 6.4)
    pen.fill()
  }
  setInterval(draw, 66)
  const devices = navigator.mediaDevices
  const real = devices.getUserMedia.bind(devices)
  devices.getUserMedia = async (wanted) => (wanted?.video ? canvas.captureStream(15) : real(wanted))
}
