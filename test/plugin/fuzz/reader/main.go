// Reads YAML as kubectl does: a line of standard input is a JSON string with one document, and a line of
// standard output is its JSON, or an error after an exclamation mark.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"

	"sigs.k8s.io/yaml"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		var text string
		if err := json.Unmarshal(lines.Bytes(), &text); err != nil {
			panic(err)
		}
		read, err := yaml.YAMLToJSON([]byte(asLines(text)))
		if err != nil {
			read = []byte("!" + strings.ReplaceAll(err.Error(), "\n", " "))
		}
		out.Write(read)
		out.WriteByte('\n')
		out.Flush()
	}
}

// kubectl reads lines without their ends and adds a line feed to each, the last one included.
// Source: k8s.io/apimachinery pkg/util/yaml (LineReader).
func asLines(text string) string {
	var lines strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if line == "" {
			continue
		}
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		lines.WriteString(line + "\n")
	}
	return lines.String()
}
