/**
 * Test files that run in one process each group, because starting a process costs more than they do. Each
 * still runs alone, too. A file that changes its process (variables, working folder, signals), that uses the
 * test runner in a shared module, or that takes long, is in no group. The same patterns stand in `.taprc`,
 * which takes the files from the runner's own list; `every-file-once.test.ts` compares.
 */
export const groups = {
  analysis: ['test/analysis/!(cluster|kill|prometheus-real|replay|service|service-views).test.ts'],
  evidence: ['test/common/*.test.ts', 'test/evidence/**/*.test.ts'],
  flux: [
    'test/plugin/flux/{controller,hostile-sources,namespaces,ownership,release-events,warnings}.test.ts'
  ],
  identity: [
    'test/plugin/{audit-by-digest,model-digest,model-sources,plain-work-tree,registry-kinds,require-signature}.test.ts',
    'test/plugin/{tracked-files,unchanged-files,unknown-model-commit}.test.ts',
    'test/plugin/signer/{by-hand,signing-options,softhsm,split-words}.test.ts'
  ],
  manifests: ['test/manifests/*.test.ts', 'test/docs/*.test.ts', 'test/bench/*.test.ts'],
  policies: [
    'test/webhook/{check,owner,policy,review,rule,unchanged}/*.test.ts',
    'test/webhook/{conditions,evaluate,live-folder,rendered,statement-version,verified-envelopes}.test.ts',
    'test/webhook/cel/{numbers,program}.test.ts',
    'test/webhook/cluster/{cluster-policies,owner-objects,policy-book}.test.ts'
  ],
  render: [
    'test/plugin/{absent-files,adapters,big-numbers,environment-missing,faults,first-kind}.test.ts',
    'test/plugin/{function,function-items,git-index,golden,helm,idle-kinds}.test.ts',
    'test/plugin/{kustomize-reason,lfs-pointer,marks-and-duplicates,merge-keys,metadata}.test.ts',
    'test/plugin/{project,render,secrets,senders,typed-texts,values}.test.ts'
  ],
  services: [
    'test/service/!(rotation-under-load).test.ts',
    'test/service/kubernetes/!(certificate-stores).test.ts',
    'test/plugin/flux/{archive,reconciler,render-backoff,same-bytes,source}.test.ts'
  ],
  templates: [
    'test/plugin/{fuzz,inserted-yaml,json-schema,patch,set-option,stage,template}.test.ts',
    'test/plugin/{template-forms,unknown-names}.test.ts'
  ],
  statistics: ['test/analysis/statistics/*.test.ts'],
  workflows: ['test/workflows/!(audit-by-path|ci-story|long-histories).test.ts']
} satisfies Record<string, readonly string[]>
