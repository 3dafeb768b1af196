package main

import (
	"reflect"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// isAsKnown says that what the engine says, by Terraform's names, is certainly what the state says, and what the program
// wanted when it was last deployed: reading it would then change neither.
func (k *kind) isAsKnown(asked *pulumirpc.ReadRequest, now map[string]any) bool {
	known := asked.GetProperties().GetFields()
	if !k.isCurrent(known["__meta"]) {
		return false
	}
	for name, of := range k.fields {
		if said, ok := now[of.name]; ok && !of.says(said, known[name]) {
			return false
		}
	}
	return same(comparison{onlyGiven: true}, k.fields, known, asked.GetInputs().GetFields())
}

// says compares what the engine says with a value of the state; where only one of them has a value, it has to be an empty one.
func (f *field) says(said any, known *structpb.Value) bool {
	if set, ok := said.(*schema.Set); ok {
		said = set.List()
	}
	value := reflect.ValueOf(said)
	if value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	if !value.IsValid() || (value.Kind() == reflect.Map && value.Len() == 0) {
		return f.isEmpty(known)
	}
	if f.list || f.set {
		return value.Kind() == reflect.Slice && f.saysMany(value, known)
	}
	return f.saysOne(value.Interface(), known)
}

func (f *field) saysMany(said reflect.Value, known *structpb.Value) bool {
	if f.single {
		if said.Len() == 0 {
			return f.isEmpty(known)
		}
		return said.Len() == 1 && f.saysOne(said.Index(0).Interface(), known)
	}
	return f.pair(said.Len(), known.GetListValue().GetValues(), func(index int, one *structpb.Value) bool {
		return f.saysOne(said.Index(index).Interface(), one)
	})
}

func (f *field) saysOne(said any, known *structpb.Value) bool {
	if f.fields == nil {
		return isValue(reflect.ValueOf(said), known)
	}
	block, ok := said.(map[string]any)
	if !ok || known.GetStructValue() == nil {
		return false
	}
	for name, of := range f.fields {
		if !of.says(block[of.name], known.GetStructValue().GetFields()[name]) {
			return false
		}
	}
	return true
}

// isValue compares a text, a number, a switch, or a map of them.
func isValue(said reflect.Value, known *structpb.Value) bool {
	switch of := known.GetKind().(type) {
	case *structpb.Value_StringValue:
		return said.Kind() == reflect.String && said.String() == of.StringValue
	case *structpb.Value_BoolValue:
		return said.Kind() == reflect.Bool && said.Bool() == of.BoolValue
	case *structpb.Value_NumberValue:
		return said.CanInt() && float64(said.Int()) == of.NumberValue || said.CanUint() && float64(said.Uint()) == of.NumberValue
	case *structpb.Value_StructValue:
		if said.Kind() != reflect.Map || said.Len() != len(of.StructValue.GetFields()) {
			return false
		}
		for _, key := range said.MapKeys() {
			item := said.MapIndex(key)
			if item.Kind() == reflect.Interface {
				item = item.Elem()
			}
			if key.Kind() != reflect.String || !isValue(item, of.StructValue.GetFields()[key.String()]) {
				return false
			}
		}
		return true
	}
	return false
}
