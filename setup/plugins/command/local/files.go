package local

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gobwas/glob"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"slipway/command/run"
)

// collect finds the files that the globs name, relative to the command's folder.
func (p Process) collect(results *Results) error {
	folder, err := filepath.Abs(run.Text(p.Dir))
	if err != nil {
		return err
	}
	if p.AssetPaths != nil {
		files, err := assets(folder, *p.AssetPaths)
		if err != nil {
			return err
		}
		named := map[string]*types.AssetOrArchive{}
		for path, asset := range files {
			named[path] = &types.AssetOrArchive{Asset: asset}
		}
		results.Assets = &named
	}
	if p.ArchivePaths != nil {
		files, err := assets(folder, *p.ArchivePaths)
		if err != nil {
			return err
		}
		content := map[string]any{}
		for path, asset := range files {
			content[path] = asset
		}
		if results.Archive, err = resource.NewAssetArchive(content); err != nil {
			return err
		}
	}
	return nil
}

// rule takes the files of one glob in, or with `!` in front leaves them out again.
type rule struct {
	glob glob.Glob
	out  bool
}

func assets(folder string, globs []string) (map[string]*resource.Asset, error) {
	rules := make([]rule, len(globs))
	for i, text := range globs {
		compiled, err := glob.Compile(strings.TrimPrefix(text, "!"), '/')
		if err != nil {
			return nil, err
		}
		rules[i] = rule{compiled, strings.HasPrefix(text, "!")}
	}
	found := map[string]*resource.Asset{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !included(rules, path) {
			return err
		}
		found[path], err = resource.NewPathAsset(filepath.Join(folder, path))
		return err
	})
	return found, err
}

func included(rules []rule, path string) bool {
	included := false
	for _, rule := range rules {
		if rule.glob.Match(path) {
			included = !rule.out
		}
	}
	return included
}
