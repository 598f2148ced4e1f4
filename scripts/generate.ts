import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { configurationPage } from './generate-configuration.ts'
import { pluginManifest } from '../plugin/plugin-manifest.ts'
import { crds, generateCrd } from './generate-crds.ts'
import { dashboard, dashboardPath } from './generate-dashboard.ts'
import { modelAnalysisCrd, modelAnalysisCrdPath } from './generate-model-analysis-crd.ts'
import { operatorComponents } from './generate-operators.ts'
import { settingsPage } from './generate-settings.ts'
import { policyTestFiles } from './generate-policy-tests.ts'
import { generateTemplates, templateFolders } from './generate-templates.ts'
import { generateValidator, validators } from './generate-validators.ts'
import { workloadsPage } from './generate-workloads.ts'
import { webhookConfiguration, webhookConfigurationPath } from './generate-webhook-configuration.ts'

/** Every generated file by its path, with its content. A test compares them. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['plugin/plugin.yaml', pluginManifest()],
    ['docs/configuration.md', configurationPage()],
    ['docs/notation.md', settingsPage()],
    ['docs/workloads.md', workloadsPage()],
    [webhookConfigurationPath, webhookConfiguration()],
    ...operatorComponents(),
    [dashboardPath, dashboard()],
    ...(await policyTestFiles()),
    ...crds.map(crd => [crd.output, generateCrd(crd)] as const),
    [modelAnalysisCrdPath, modelAnalysisCrd()],
    ...templateFolders.flatMap(folder => [...generateTemplates(folder)]),
    ...validators.map(validator => [validator.output, generateValidator(validator)] as const)
  ])
}

if (import.meta.main) {
  for (const [file, content] of await generatedFiles()) {
    writeFileSync(path.join(import.meta.dirname, '..', file), content)
  }
}
