import { findProgram } from '../stack/programs'

/** LiveKit's own service, and what it starts by name; the handlers it starts are called `egress` too. */
const programs = ['egress', 'Xvfb', 'pulseaudio', 'pactl'] as const
/** As the service looks for a browser. */
const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

/** Names of what is not on PATH; empty: the official engine can be started. */
export function findMissing(): string[] {
  const missing: string[] = programs.filter((name) => !findProgram(name))
  return browsers.some((name) => findProgram(name)) ? missing : [...missing, 'chromium']
}
