const form =
  /^(\d{4}-\d{2}-\d{2})T(\d{2}):([0-5]\d):([0-5]\d)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/**
 * Reads a time in RFC 3339; undefined for anything else, including February 30 and leap seconds. Less than
 * a millisecond is cut off.
 */
export function readTime(text: string): Date | undefined {
  const [, date, hour] = form.exec(text) ?? []
  if (date === undefined || Number(hour) > 23) return undefined
  const day = new Date(`${date}T00:00:00Z`)
  const isReal = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date)
  return isReal ? new Date(text) : undefined
}
