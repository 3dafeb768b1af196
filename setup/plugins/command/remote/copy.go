package remote

import (
	"context"

	"github.com/pkg/sftp"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// CopyToRemote is remote.CopyToRemote.
type CopyToRemote struct{}

// CopyInputs are the arguments of remote.CopyToRemote.
type CopyInputs struct {
	Connection *Connection          `pulumi:"connection" provider:"secret"`
	Triggers   *[]any               `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Source     types.AssetOrArchive `pulumi:"source"`
	RemotePath string               `pulumi:"remotePath"`
}

// CopyOutputs are the state of remote.CopyToRemote.
type CopyOutputs struct{ CopyInputs }

func (in CopyInputs) hash() string {
	if in.Source.Archive != nil {
		return in.Source.Archive.Hash
	}
	if in.Source.Asset != nil {
		return in.Source.Asset.Hash
	}
	return ""
}

// Check insists on a source, unless it is not known yet.
func (CopyToRemote) Check(ctx context.Context, req infer.CheckRequest) (infer.CheckResponse[CopyInputs], error) {
	inputs, failures, err := infer.DefaultCheck[CopyInputs](ctx, req.NewInputs)
	source, given := req.NewInputs.GetOk("source")
	if err == nil && !(given && source.IsComputed()) && inputs.Source.Asset == nil && inputs.Source.Archive == nil {
		failures = append(failures, p.CheckFailure{Property: "source", Reason: "either asset or archive must be set"})
	}
	return infer.CheckResponse[CopyInputs]{Inputs: inputs, Failures: failures}, err
}

// Create copies the source.
func (CopyToRemote) Create(
	ctx context.Context, req infer.CreateRequest[CopyInputs],
) (infer.CreateResponse[CopyOutputs], error) {
	id, err := resource.NewUniqueHex("", 8, 0)
	if err == nil && !req.DryRun {
		err = req.Inputs.copy(ctx)
	}
	return infer.CreateResponse[CopyOutputs]{ID: id, Output: CopyOutputs{req.Inputs}}, err
}

// Update copies again when what is copied or where it goes has changed; a new password alone copies nothing.
func (CopyToRemote) Update(
	ctx context.Context, req infer.UpdateRequest[CopyInputs, CopyOutputs],
) (infer.UpdateResponse[CopyOutputs], error) {
	old, now := req.State.CopyInputs, req.Inputs
	same := old.hash() == now.hash() && old.RemotePath == now.RemotePath &&
		old.Connection != nil && old.Connection.address() == now.Connection.address()
	var err error
	if !req.DryRun && !same {
		err = now.copy(ctx)
	}
	return infer.UpdateResponse[CopyOutputs]{Output: CopyOutputs{now}}, err
}

func (in CopyInputs) copy(ctx context.Context) error {
	client, closeAll, err := in.Connection.dial(ctx)
	if err != nil {
		return err
	}
	defer closeAll()
	defer context.AfterFunc(ctx, closeAll)()
	files, err := sftp.NewClient(client, sftp.UseConcurrentWrites(true))
	if err != nil {
		return err
	}
	defer files.Close()
	target := target{files: files, path: in.RemotePath}
	if in.Source.Asset != nil {
		return target.asset(in.Source.Asset)
	}
	return target.archive(in.Source.Archive)
}
