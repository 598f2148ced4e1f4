import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '../../common/command.ts'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { Fault } from '../../common/fault.ts'
import { optionLines, readOptions } from '../../common/options.ts'
import { parseImageReference } from '../../evidence/image-reference.ts'
import type { Assignment } from './assignment.ts'
import { editFiles } from './edit-files.ts'
import type { SetField } from './edit-files.ts'
import { imageFields } from './image-fields.ts'
import { readLocal } from './local-files.ts'
import { parseFile } from './nodes.ts'
import { written } from './set-command.ts'
import { setOptions } from './set-options.ts'

/** What `mlgitops set-image --help` prints. */
export const setImageUsage = `Usage: mlgitops set-image NAME=REF... PATH [options]

Sets each field named image that is NAME, with any tag and digest or none, to REF, in a YAML file or in all YAML
files of a folder, as mlgitops set does. It is an error if a NAME is nowhere.

${optionLines(setOptions)}`

/** `mlgitops set-image`. @throws {UsageError} @throws {Fault} `IMAGE_ABSENT`, and as `mlgitops set` */
export async function setImageCommand({ args, folder }: CommandInput): Promise<CommandResult> {
  const { given, positionals, isHelp } = readOptions(setOptions, { args })
  if (isHelp) return { stdout: setImageUsage, stderr: '', exitCode: 0 }
  const target = positionals.at(-1)
  const images = positionals.slice(0, -1).map(readImage)
  if (target === undefined || images.length === 0)
    throw new UsageError('set-image needs NAME=REF and PATH')
  const files = yamlFiles(folder, target)
  const assignments = images.flatMap(image => {
    const found = files.flatMap(file => assignmentsIn(folder, file, image))
    if (found.length === 0) throw absent(image.name, target)
    return found
  })
  const fields: SetField[] = []
  const changes = await editFiles(
    assignments,
    file => Promise.resolve(readLocal(folder, file)),
    field => fields.push(field)
  )
  return written(folder, changes, { fields, message: given.commit })
}

interface Image {
  readonly name: string
  readonly reference: string
}

function readImage(text: string): Image {
  const [, name, reference] = /^([^=]+)=([^=]+)$/.exec(text) ?? []
  if (
    name === undefined ||
    reference === undefined ||
    parseImageReference(reference).kind === 'invalid'
  ) {
    throw new UsageError(
      `not NAME=REF with an image reference: ${JSON.stringify(text.slice(0, 200))}`
    )
  }
  return { name, reference }
}

/** A template that is not YAML is an error only if it names the image. */
function assignmentsIn(folder: string, file: string, { name, reference }: Image): Assignment[] {
  const text = readLocal(folder, file)?.toString('utf8') ?? ''
  if (!text.includes(name)) return []
  return imageFields(parseFile(text, file), name).map(({ document, path: field }) => ({
    file,
    document,
    path: field,
    text: reference
  }))
}

function yamlFiles(folder: string, target: string): readonly string[] {
  const full = path.resolve(folder, target)
  const kind = statSync(full, { throwIfNoEntry: false })
  if (kind === undefined)
    throw new Fault('FILE_MISSING', 'there is no such path', { where: target })
  if (!kind.isDirectory()) return [target]
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map(entry => path.join(target, path.relative(full, path.join(entry.parentPath, entry.name))))
    .filter(file => !file.split(path.sep).includes('.git'))
    .sort()
}

function absent(name: string, where: string): Fault {
  return new Fault('IMAGE_ABSENT', 'no field names this image', {
    where,
    found: name,
    expected: 'the image as it is written, without tag and digest',
    remedy: 'A field that a template writes is set in its value file: mlgitops set FILE:PATH=VALUE.'
  })
}
