package remote

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/sftp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// target is the remote path that something is copied to.
//
//	source | path is a folder          | path does not exist | path is a file
//	dir    | path/dir                  | path/dir            | error
//	dir/   | path/x for each x in dir  | path/x              | error
//	file   | path/file                 | path                | overwritten
type target struct {
	files *sftp.Client
	path  string
}

func (t target) asset(asset *resource.Asset) error {
	switch {
	case asset.IsText():
		return t.file("", strings.NewReader(asset.Text))
	case asset.IsPath():
		return t.local(asset.Path)
	}
	content, err := asset.Read()
	if err != nil {
		return err
	}
	defer content.Close()
	return t.file(lastPart(asset.URI), content)
}

func (t target) archive(archive *resource.Archive) error {
	switch {
	case archive.IsPath():
		return t.local(archive.Path)
	case archive.IsAssets():
		return t.entries(archive)
	}
	_, content, err := archive.ReadSourceArchive()
	if err != nil {
		return err
	}
	if content == nil {
		return fmt.Errorf("%s is not an archive", archive.URI)
	}
	defer content.Close()
	return t.file(lastPart(archive.URI), content)
}

func lastPart(uri string) string {
	parsed, err := url.Parse(uri)
	if err != nil || strings.HasSuffix(parsed.Path, "/") {
		return ""
	}
	return path.Base(parsed.Path)
}

func (t target) local(source string) error {
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return t.folder(source)
	}
	content, err := os.Open(source)
	if err != nil {
		return err
	}
	defer content.Close()
	return t.file(filepath.Base(source), content)
}

// file writes one file: to the path, or under its own name into the folder that is there.
func (t target) file(name string, content io.Reader) error {
	info, err := t.stat(t.path)
	if err != nil {
		return err
	}
	to := t.path
	if info != nil && info.IsDir() {
		if name == "" {
			return fmt.Errorf("remote path %s is a folder and the source has no name: give the path of a file", to)
		}
		to = path.Join(to, name)
	}
	return t.write(to, content)
}

func (t target) folder(source string) error {
	to := t.path
	if !strings.HasSuffix(source, "/") {
		to = path.Join(to, filepath.Base(source))
	}
	if err := t.makeFolder(to); err != nil {
		return err
	}
	return fs.WalkDir(os.DirFS(source), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return t.makeFolder(path.Join(to, name))
		}
		content, err := os.Open(filepath.Join(source, name))
		if err != nil {
			return err
		}
		defer content.Close()
		return t.write(path.Join(to, name), content)
	})
}

func (t target) entries(archive *resource.Archive) error {
	if err := t.makeFolder(t.path); err != nil {
		return err
	}
	reader, err := archive.Open()
	if err != nil {
		return err
	}
	defer reader.Close()
	for {
		name, content, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		err = t.write(path.Join(t.path, name), content)
		_ = content.Close()
		if err != nil {
			return err
		}
	}
}

func (t target) makeFolder(folder string) error {
	info, err := t.stat(folder)
	if err != nil {
		return err
	}
	if info != nil && !info.IsDir() {
		return fmt.Errorf("remote path %s exists and is not a folder", folder)
	}
	return t.files.MkdirAll(folder)
}

func (t target) write(to string, content io.Reader) error {
	if err := t.files.MkdirAll(path.Dir(to)); err != nil {
		return fmt.Errorf("failed to create the folder of %s: %w", to, err)
	}
	file, err := t.files.Create(to)
	if err != nil {
		return fmt.Errorf("failed to create remote file %s: %w", to, err)
	}
	_, err = file.ReadFrom(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("failed to write remote file %s: %w", to, err)
	}
	return nil
}

// stat gives nothing for what does not exist.
func (t target) stat(at string) (fs.FileInfo, error) {
	info, err := t.files.Stat(at)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return info, err
}
