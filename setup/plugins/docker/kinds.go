package main

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"google.golang.org/protobuf/types/known/structpb"
)

// kind is what has to be known of a resource's type to see that Terraform would plan no change. Terraform compares attribute
// by attribute: one that the program gives has to be as it is; one that it does not give has to be the engine's to fill in, or
// empty. Whatever is not certain is left to Terraform.
type kind struct {
	name    string            // Terraform's
	fields  map[string]*field // by Pulumi's names
	version int
	stables []string // what cannot change but by replacement
}

// field is one attribute or block.
type field struct {
	name      string          // Terraform's
	computed  bool            // what the program does not give is the engine's to say
	fallback  *structpb.Value // what it is where the program does not give it
	rewritten bool            // what is kept is another form of what is given
	single    bool            // Pulumi has one value where Terraform has a list of at most one
	list, set bool
	fields    map[string]*field // of a block
}

func kindsOf(p tfbridge.ProviderInfo) map[string]*kind {
	kinds := map[string]*kind{}
	p.P.ResourcesMap().Range(func(name string, of shim.Resource) bool {
		info := p.Resources[name]
		made := &kind{name: name, fields: fieldsOf(of.Schema(), info.Fields), version: of.SchemaVersion()}
		of.Schema().Range(func(name string, one shim.Schema) bool {
			if one.ForceNew() {
				made.stables = append(made.stables, pulumiName(name, of.Schema(), info.Fields))
			}
			return true
		})
		slices.Sort(made.stables)
		kinds[string(info.Tok)] = made
		return true
	})
	return kinds
}

func pulumiName(name string, among shim.SchemaMap, names fields) string {
	if info := names[name]; info != nil && info.Name != "" {
		return info.Name
	}
	return tfbridge.TerraformToPulumiNameV2(name, among, names)
}

func fieldsOf(schema shim.SchemaMap, names fields) map[string]*field {
	made := map[string]*field{}
	schema.Range(func(name string, of shim.Schema) bool {
		one := &field{
			name:      name,
			computed:  of.Computed(),
			fallback:  fallbackOf(of),
			rewritten: of.StateFunc() != nil,
			single:    tfbridge.IsMaxItemsOne(of, names[name]),
			list:      of.Type() == shim.TypeList,
			set:       of.Type() == shim.TypeSet,
		}
		if inner, ok := of.Elem().(shim.Resource); ok {
			one.fields = fieldsOf(inner.Schema(), innerNames(names[name]))
		}
		made[pulumiName(name, schema, names)] = one
		return true
	})
	return made
}

// fallbackOf is an attribute's default, which is nothing that a state can hold where only Terraform can say it.
func fallbackOf(of shim.Schema) *structpb.Value {
	if of.DefaultFunc() != nil {
		return &structpb.Value{}
	}
	if of.Default() == nil {
		return nil
	}
	value, err := structpb.NewValue(of.Default())
	if err != nil {
		return &structpb.Value{}
	}
	return value
}

// isCurrent says that the state is of this version of the resource's schema.
func (k *kind) isCurrent(meta *structpb.Value) bool {
	var said struct {
		Version string `json:"schema_version"`
	}
	if text := meta.GetStringValue(); text != "" && json.Unmarshal([]byte(text), &said) != nil {
		return false
	}
	return said.Version == strconv.Itoa(k.version) || (said.Version == "" && k.version == 0)
}

// isMany says that Pulumi has an array of it.
func (f *field) isMany() bool { return (f.list || f.set) && !f.single }

// isEmpty says that a value is to Terraform as none at all. A block without content is one.
func (f *field) isEmpty(value *structpb.Value) bool {
	switch of := value.GetKind().(type) {
	case nil, *structpb.Value_NullValue:
		return true
	case *structpb.Value_StringValue:
		return of.StringValue == ""
	case *structpb.Value_NumberValue:
		return of.NumberValue == 0
	case *structpb.Value_BoolValue:
		return !of.BoolValue
	case *structpb.Value_ListValue:
		return f.isMany() && len(of.ListValue.GetValues()) == 0
	case *structpb.Value_StructValue:
		return f.fields == nil && len(of.StructValue.GetFields()) == 0
	}
	return false
}
