import type { MetaFunction } from '@remix-run/node'
import { DeviceCheckPage } from '~/check/device-check-page'

export const meta: MetaFunction = () => [{ title: 'Check this device · Amphi' }]

export default DeviceCheckPage
