{{- define "common.labels" -}}
app: {{ .Chart.Name }}
team: {{ .Values.team | quote }}
{{- end -}}
