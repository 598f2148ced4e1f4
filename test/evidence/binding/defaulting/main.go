// Program defaulting prints random objects of Kubernetes' own kinds, and what its API server makes of
// each by its defaults: COUNT lines of JSON, selected by SEED.
package main

import (
	"encoding/json"
	"math/rand"
	"os"
	"reflect"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
)

var kinds = []schema.GroupVersionKind{
	corev1.SchemeGroupVersion.WithKind("Pod"),
	corev1.SchemeGroupVersion.WithKind("PodTemplate"),
	corev1.SchemeGroupVersion.WithKind("ReplicationController"),
	appsv1.SchemeGroupVersion.WithKind("Deployment"),
	appsv1.SchemeGroupVersion.WithKind("ReplicaSet"),
	appsv1.SchemeGroupVersion.WithKind("StatefulSet"),
	appsv1.SchemeGroupVersion.WithKind("DaemonSet"),
	batchv1.SchemeGroupVersion.WithKind("Job"),
	batchv1.SchemeGroupVersion.WithKind("CronJob"),
}

// Types of texts with few values, by name; other texts are names.
var words = map[string][]string{
	"CompletionMode":                {"Indexed", "NonIndexed"},
	"ContainerRestartPolicy":        {"Always"},
	"DaemonSetUpdateStrategyType":   {"RollingUpdate", "OnDelete", ""},
	"DeploymentStrategyType":        {"RollingUpdate", "Recreate", ""},
	"Protocol":                      {"TCP", "UDP", ""},
	"PullPolicy":                    {"Always", "IfNotPresent", "Never", ""},
	"RestartPolicy":                 {"Always", "Never", "OnFailure", ""},
	"StatefulSetUpdateStrategyType": {"RollingUpdate", "OnDelete", ""},
	"URIScheme":                     {"HTTP", "HTTPS", ""},
}

const digest = "@sha256:0000000000000000000000000000000000000000000000000000000000000000"

var (
	images     = []string{"a", "a:1", "a:latest", "h:5000/a", "h:5000/a" + digest, "a:latest" + digest}
	quantities = []string{"1", "1000m", "1Gi", "1024Mi", "0.5", "100Mi", "1500m"}
	// Structs of which exactly one member is set.
	unions = map[string]bool{"VolumeSource": true, "LifecycleHandler": true, "ProbeHandler": true, "EnvVarSource": true}
	// Members that clients do not write.
	skipped = map[string]bool{"Status": true, "TypeMeta": true, "ManagedFields": true}
)

type filler struct{ *rand.Rand }

func (f filler) fill(v reflect.Value, name string, depth int) {
	switch v.Interface().(type) {
	case resource.Quantity:
		v.Set(reflect.ValueOf(resource.MustParse(f.one(quantities))))
		return
	case intstr.IntOrString:
		v.Set(reflect.ValueOf(intstr.Parse(f.one([]string{"0", "1", "30%"}))))
		return
	case metav1.Time, metav1.FieldsV1:
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if f.isSet(depth) {
			f.fillNew(v, name, depth)
		}
	case reflect.Struct:
		f.fillStruct(v, depth)
	case reflect.Slice:
		if f.isSet(depth) || name == "Containers" || name == "Volumes" {
			f.fillSlice(v, name, depth)
		}
	case reflect.Map:
		if f.isSet(depth) {
			element := reflect.New(v.Type().Elem()).Elem()
			f.fill(element, name, depth+1)
			key := reflect.ValueOf(f.one([]string{"cpu", "memory"})).Convert(v.Type().Key())
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(key, element)
		}
	case reflect.String:
		v.SetString(f.text(v.Type().Name(), name))
	case reflect.Bool:
		v.SetBool(f.Intn(3) == 0)
	case reflect.Int32, reflect.Int64:
		if f.Intn(3) == 0 {
			v.SetInt(int64(f.Intn(3)))
		}
	}
}

func (f filler) fillNew(v reflect.Value, name string, depth int) {
	v.Set(reflect.New(v.Type().Elem()))
	f.fill(v.Elem(), name, depth+1)
}

func (f filler) fillSlice(v reflect.Value, name string, depth int) {
	length := 1 + f.Intn(2)
	v.Set(reflect.MakeSlice(v.Type(), length, length))
	for at := range length {
		f.fill(v.Index(at), name, depth+1)
	}
}

func (f filler) fillStruct(v reflect.Value, depth int) {
	t := v.Type()
	if unions[t.Name()] {
		at := f.Intn(t.NumField())
		f.fillNew(v.Field(at), t.Field(at).Name, depth)
		return
	}
	for at := range t.NumField() {
		if field := t.Field(at); field.IsExported() && !skipped[field.Name] {
			f.fill(v.Field(at), field.Name, depth+1)
		}
	}
	if name := v.FieldByName("Name"); name.IsValid() && name.Kind() == reflect.String {
		name.SetString("n" + strconv.Itoa(f.Intn(1_000_000)))
	}
	kind, rolling := v.FieldByName("Type"), v.FieldByName("RollingUpdate")
	if rolling.IsValid() && kind.String() != "" && kind.String() != "RollingUpdate" {
		rolling.SetZero()
	}
}

func (f filler) text(kind, name string) string {
	if values, ok := words[kind]; ok {
		return f.one(values)
	}
	if name == "Image" || name == "Reference" {
		return f.one(images)
	}
	return f.one([]string{"", "s" + strconv.Itoa(f.Intn(10_000))})
}

func (f filler) one(values []string) string { return values[f.Intn(len(values))] }

func (f filler) isSet(depth int) bool { return f.Intn(10) < 4 && (depth < 15 || f.Intn(4) == 0) }

func main() {
	count, err := strconv.Atoi(os.Args[1])
	check(err)
	seed, err := strconv.ParseInt(os.Args[2], 10, 64)
	check(err)
	random := filler{rand.New(rand.NewSource(seed))}
	output := json.NewEncoder(os.Stdout)
	for made := range count {
		kind := kinds[made%len(kinds)]
		object, err := legacyscheme.Scheme.New(kind)
		check(err)
		random.fill(reflect.ValueOf(object).Elem(), "", 0)
		object.GetObjectKind().SetGroupVersionKind(kind)
		rendered, err := json.Marshal(object)
		check(err)
		// As the API server does: defaults, its own types, and the version that was asked for.
		decoded, _, err := legacyscheme.Codecs.UniversalDecoder().Decode(rendered, nil, nil)
		check(err)
		found, err := runtime.Encode(legacyscheme.Codecs.LegacyCodec(kind.GroupVersion()), decoded)
		check(err)
		check(output.Encode(map[string]json.RawMessage{"rendered": rendered, "found": found}))
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
