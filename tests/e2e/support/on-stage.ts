import type { Attendee } from './school'

/** A student raises a hand, is invited with camera, and comes with both. */
export async function comeOnStage(teacher: Attendee, student: Attendee): Promise<void> {
  await student.page.getByRole('button', { name: 'Raise hand' }).click()
  const request = teacher.page
    .getByRole('region', { name: 'Requests' })
    .getByRole('listitem')
    .filter({ hasText: student.name })
  await request.getByRole('button', { name: `Invite ${student.name} with camera` }).click()
  const dialog = student.page.getByRole('dialog', { name: 'You are invited to speak' })
  await dialog.getByRole('button', { name: 'Check microphone and camera' }).click()
  const microphone = dialog.getByRole('switch', { name: 'Microphone on when I join' })
  if (!(await microphone.isChecked())) await microphone.click()
  await dialog.getByRole('button', { name: 'Join the stage' }).click()
  await student.page.getByRole('button', { name: 'Leave the stage' }).waitFor()
}
