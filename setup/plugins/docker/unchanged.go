package main

import (
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// stays says that the resource is certainly as the program wants it.
func (k *kind) stays(asked *pulumirpc.DiffRequest) bool {
	ignored := map[string]bool{}
	for _, path := range asked.GetIgnoreChanges() {
		if strings.ContainsAny(path, `[*"`) {
			return false
		}
		ignored[path] = true
	}
	was := asked.GetOlds().GetFields()
	return was["id"].GetStringValue() == asked.GetId() && k.isCurrent(was["__meta"]) &&
		same(comparison{ignored: ignored}, k.fields, was, asked.GetNews().GetFields())
}

// comparison is where in a resource two values are compared.
type comparison struct {
	ignored map[string]bool
	path    string
	// Elements of a set are told apart by all that they hold, whoever filled it in.
	inSet bool
	// What the program does not give is not compared.
	onlyGiven bool
}

func (c comparison) at(name string) comparison {
	c.path = strings.TrimPrefix(c.path+"."+name, ".")
	return c
}

func same(at comparison, known map[string]*field, was, wanted map[string]*structpb.Value) bool {
	for name, value := range wanted {
		if name == "__defaults" || at.ignored[at.at(name).path] {
			continue
		}
		of, ok := known[name]
		if !ok || !of.same(at.at(name), was[name], value) {
			return false
		}
	}
	if at.onlyGiven {
		return true
	}
	for name, value := range was {
		if _, given := wanted[name]; given || at.ignored[at.at(name).path] || (at.path == "" && isOwn(name)) {
			continue
		}
		of, ok := known[name]
		if !ok || !of.mayBeLeftOut(at, value) {
			return false
		}
	}
	return true
}

// isOwn says that a name in the state is the bridge's own.
func isOwn(name string) bool { return name == "id" || strings.HasPrefix(name, "__") }

func (f *field) mayBeLeftOut(at comparison, was *structpb.Value) bool {
	if f.fallback != nil {
		return proto.Equal(f.fallback, was)
	}
	if f.isEmpty(was) {
		return true
	}
	_, isList := was.GetKind().(*structpb.Value_ListValue)
	return f.computed && !at.inSet && isList == f.isMany()
}

func (f *field) same(at comparison, was, wanted *structpb.Value) bool {
	if f.rewritten {
		return false
	}
	if !f.isMany() {
		return f.sameOne(at, was, wanted)
	}
	if f.isEmpty(was) && f.isEmpty(wanted) {
		return true
	}
	at.inSet = at.inSet || f.set
	values := wanted.GetListValue().GetValues()
	return f.pair(len(values), was.GetListValue().GetValues(), func(index int, one *structpb.Value) bool {
		return f.sameOne(at, one, values[index])
	})
}

func (f *field) sameOne(at comparison, was, wanted *structpb.Value) bool {
	if f.fields == nil {
		return proto.Equal(was, wanted)
	}
	a, b := was.GetStructValue(), wanted.GetStructValue()
	return a != nil && b != nil && same(at, f.fields, a.GetFields(), b.GetFields())
}

// pair finds one of the values for each of so many others: in a list in their order, in a set in any.
func (f *field) pair(others int, values []*structpb.Value, isPair func(other int, value *structpb.Value) bool) bool {
	if others != len(values) {
		return false
	}
	left := slices.Clone(values)
	for other := range others {
		index := slices.IndexFunc(left, func(value *structpb.Value) bool { return isPair(other, value) })
		if index < 0 || (!f.set && index > 0) {
			return false
		}
		left = slices.Delete(left, index, index+1)
	}
	return true
}
