/**
 * Variables that webhooks of clouds put into Pods whose account stands for an identity of the cloud:
 * aws/amazon-eks-pod-identity-webhook pkg/handler/handler.go, Azure/azure-workload-identity
 * pkg/webhook/consts.go.
 */
const cloudVariables: ReadonlySet<string> = new Set([
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_STS_REGIONAL_ENDPOINTS',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AZURE_CLIENT_ID',
  'AZURE_TENANT_ID',
  'AZURE_FEDERATED_TOKEN_FILE',
  'AZURE_AUTHORITY_HOST'
])

/** True for a variable that a webhook of a cloud adds. */
export function isCloudVariable(name: string): boolean {
  return cloudVariables.has(name)
}
