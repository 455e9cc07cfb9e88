/** What is looked up across classes, or by names that schools gave: the database's part of people and classes. */
export type Directory = {
  /** False: another class has this code. */
  addClass(row: {
    classId: string
    orgId: string
    code: string
    title: string
    now: number
  }): Promise<boolean>
  findClassByCode(code: string): Promise<string | null>
  /** Who has the school's id in this class: the person given if it was free, whoever came first otherwise. */
  claimExternalId(classId: string, externalId: string, personId: string): Promise<string>
  /** By the SHA-256 of the key. */
  findApiKey(keyHash: Buffer): Promise<{ orgId: string } | null>
  listAttendance(classId: string, after: string | null, limit: number): Promise<AttendancePage>
}

export type AttendanceRow = {
  personId: string
  name: string
  role: string
  /** Server time, ms. */
  firstJoinedAt: number | null
  lastLeftAt: number | null
  secondsPresent: number
  secondsInSeat: number
  secondsOnStage: number
  requests: number
}
export type AttendancePage = { items: AttendanceRow[]; next: string | null }
