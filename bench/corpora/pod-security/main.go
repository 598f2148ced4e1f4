// Command pod-security reads Pods, a JSON object a line, and says which checks of the newest Pod
// Security Standards refuse each: {"name": ..., "refusedBy": [...]}.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/policy"
)

type verdict struct {
	Name      string   `json:"name"`
	RefusedBy []string `json:"refusedBy"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pod-security:", err)
		os.Exit(1)
	}
}

func run() error {
	checks := policy.DefaultChecks()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<22)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var pod corev1.Pod
		if err := json.Unmarshal(lines.Bytes(), &pod); err != nil {
			return err
		}
		if err := out.Encode(judge(checks, &pod)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func judge(checks []policy.Check, pod *corev1.Pod) verdict {
	refusedBy := []string{}
	for _, check := range checks {
		newest := check.Versions[len(check.Versions)-1]
		if !newest.CheckPod(&pod.ObjectMeta, &pod.Spec).Allowed {
			refusedBy = append(refusedBy, string(check.ID))
		}
	}
	return verdict{Name: pod.Name, RefusedBy: refusedBy}
}
