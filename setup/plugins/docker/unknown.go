package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// refuseUnknown makes a property that this plugin does not know an error that names it. The bridge would drop it, and
// what the official plugin runs and what this one runs would differ without a word.
func refuseUnknown(p *tfbridge.ProviderInfo) {
	known := p.P.ResourcesMap()
	for name, info := range p.Resources {
		schema := known.Get(name).Schema()
		info.PreCheckCallback = func(_ context.Context, given, _ resource.PropertyMap) (resource.PropertyMap, error) {
			if path, ok := firstUnknown(given, schema, info.Fields); ok {
				return nil, fmt.Errorf("%s: the docker plugin that set-up built has no %q; "+
					"the official plugin %s may have it: pulumi plugin install resource docker v%s", info.Tok, path, version, version)
			}
			return given, nil
		}
	}
}

func firstUnknown(given resource.PropertyMap, schema shim.SchemaMap, names fields) (string, bool) {
	for key, value := range given {
		if strings.HasPrefix(string(key), "__") {
			continue
		}
		name := tfbridge.PulumiToTerraformName(string(key), schema, names)
		field, ok := schema.GetOk(name)
		if !ok {
			return string(key), true
		}
		if inner, ok := field.Elem().(shim.Resource); ok {
			if path, found := unknownInside(value, inner.Schema(), innerNames(names[name])); found {
				return string(key) + "." + path, true
			}
		}
	}
	return "", false
}

func innerNames(of *tfbridge.SchemaInfo) fields {
	if of == nil {
		return nil
	}
	if of.Elem != nil {
		return of.Elem.Fields
	}
	return of.Fields
}

func unknownInside(value resource.PropertyValue, schema shim.SchemaMap, names fields) (string, bool) {
	switch {
	case value.IsSecret():
		return unknownInside(value.SecretValue().Element, schema, names)
	case value.IsOutput():
		return unknownInside(value.OutputValue().Element, schema, names)
	case value.IsObject():
		return firstUnknown(value.ObjectValue(), schema, names)
	case value.IsArray():
		for _, item := range value.ArrayValue() {
			if path, found := unknownInside(item, schema, names); found {
				return path, true
			}
		}
	}
	return "", false
}
