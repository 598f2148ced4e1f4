import { spawnSync } from 'node:child_process'
import t from 'tap'

const hasGit = spawnSync('git', ['--version']).status === 0

t.test(
  'npm start tells the whole story: rendered, refused for its reason, admitted',
  { skip: hasGit ? false : 'git is not installed' },
  t => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['bin/demo.ts'], {
      encoding: 'utf8'
    })
    t.equal(stderr, '')
    t.equal(status, 0)
    const [rendered = '', ...stages] = stdout
      .slice(stdout.indexOf('A repository'))
      .replaceAll(/(?<!\.)\b[0-9a-f]{7,40}/g, '#')
      .replaceAll(/\d{4}-\d\d-\d\d, \d+ days/g, 'DATE, N days')
      .split(/\n\n/)
    t.match(rendered, 'A repository of two commits: # the models, # their bias audits.')
    t.match(rendered, '  Job train-churn-model-#  commit #, model #, signed\n')
    const bySubject = stages.map(stage =>
      stage.split('\n').filter(line => !/field: |fix: /.test(line))
    )
    const pipeline = '  refused   PipelineRun churn-pipeline-#'
    t.same(bySubject.slice(1, 5), [
      [
        '#, the churn model without an audit',
        pipeline,
        '      - require-bias-audit (biasAudit): the model has no bias audit',
        '          found:   no bias_audit.md in models/churn-prediction at commit #'
      ],
      [
        '#, the churn model with an audit of two years ago',
        pipeline,
        '      - require-bias-audit (biasAudit): the bias audit is too old',
        '          found:   DATE, N days ago',
        '          allowed: at most 365 days'
      ],
      [
        '#, the churn model with an audit that finds it unfair',
        pipeline,
        '      - require-bias-audit (biasAudit): the model is not fair enough: demographic_parity_ratio by age-band',
        '          found:   0.38803680981595096',
        '          allowed: at least 0.8',
        '      - require-bias-audit (biasAudit): the model is not fair enough: equalized_odds_difference by age-band',
        '          found:   0.5432047198872239',
        '          allowed: at most 0.1'
      ],
      [
        '#, the churn model with the audit of another model',
        pipeline,
        '      - require-bias-audit (biasAudit): the bias audit is of another model',
        '          found:   sentiment 2.3',
        '          allowed: churn-prediction'
      ]
    ])
    t.same(bySubject[5], [
      '#, the churn model with its audit',
      '  admitted  InferenceService churn-prediction',
      '  admitted  PipelineRun churn-pipeline-#',
      '  admitted  RegisteredModel churn-prediction',
      '  admitted  Job train-churn-model-#'
    ])
    t.same(bySubject[6]?.slice(-2), [
      '      - require-bias-audit (biasAudit): the model has no bias audit',
      '          found:   no bias_audit.md in models/recommender at commit #'
    ])
    t.same(bySubject[7], [
      'The attestation of the training Job, copied to another image',
      '  refused   Job train-churn-model-#',
      '      - require-bias-audit (biasAudit): no bias audit is proven: this image is not the one that was attested',
      '          found:   registry.example.com/ml/miner:#',
      '          allowed: registry.example.com/ml/trainer:#',
      '      - require-provenance (provenance): this image is not the one that was attested',
      '          found:   registry.example.com/ml/miner:#',
      '          allowed: registry.example.com/ml/trainer:#'
    ])
    t.same(bySubject[8], ['The webhook was told to stop; exit code 0.', ''])
    t.end()
  }
)
