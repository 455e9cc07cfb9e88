const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

export const isLocalUrl = (url: string): boolean => LOOPBACK_HOSTS.has(new URL(url).hostname)
