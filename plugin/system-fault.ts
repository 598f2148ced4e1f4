import { Fault } from '../common/fault.ts'

/**
 * Calls `action`; an error of the system, such as ELOOP, ENAMETOOLONG or EACCES, becomes a fault that keeps
 * only its code, because its message has the absolute path.
 *
 * @param where the file's name in messages
 * @throws {Fault} `FILE_UNREADABLE`
 */
export function guarded<Result>(
  where: string,
  action: () => Result,
  what = 'cannot be read'
): Result {
  try {
    return action()
  } catch (error) {
    throw systemFault(error, where, what)
  }
}

/** The fault of a system error; any other error stays as it is. */
export function systemFault(error: unknown, where: string, what = 'cannot be read'): unknown {
  const code = error instanceof Fault ? undefined : (error as NodeJS.ErrnoException).code
  if (typeof code !== 'string') return error
  return new Fault('FILE_UNREADABLE', `${what} (${code})`, {
    where,
    ...(remedies[code] === undefined ? {} : { remedy: remedies[code] })
  })
}

const remedies: Readonly<Record<string, string | undefined>> = {
  ELOOP: 'Remove the symbolic link: it leads back to itself.',
  ENAMETOOLONG: 'Shorten the path or the target of the link.',
  EACCES: 'Give the user of this process read access.',
  EMFILE: 'Raise the limit of open files (ulimit -n).'
}
