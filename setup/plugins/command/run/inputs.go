package run

import "github.com/pulumi/pulumi-go-provider/infer"

// Inputs are the properties that a command has wherever it runs. A changed trigger replaces the resource.
type Inputs struct {
	Triggers               *[]any  `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Create                 *string `pulumi:"create,optional"`
	Update                 *string `pulumi:"update,optional"`
	Delete                 *string `pulumi:"delete,optional"`
	Stdin                  *string `pulumi:"stdin,optional"`
	AddPreviousOutputInEnv *bool   `pulumi:"addPreviousOutputInEnv,optional"`
}

// ForUpdate is the command of an update: update, or else create.
func (in Inputs) ForUpdate() *string {
	if in.Update != nil {
		return in.Update
	}
	return in.Create
}

// Outputs are what a command leaves behind.
type Outputs struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// Previous is the environment that tells a command what the one before it printed.
func (out Outputs) Previous(wanted *bool) map[string]string {
	made := map[string]string{}
	if wanted != nil && !*wanted {
		return made
	}
	if out.Stdout != "" {
		made[PreviousStdout] = out.Stdout
	}
	if out.Stderr != "" {
		made[PreviousStderr] = out.Stderr
	}
	return made
}

// LoggingValues are the values of either package's Logging.
func LoggingValues[T ~string]() []infer.EnumValue[T] {
	value := func(name, description string) infer.EnumValue[T] {
		return infer.EnumValue[T]{Name: name, Value: T(name), Description: description}
	}
	return []infer.EnumValue[T]{
		value("stdout", "Capture stdout in logs but not stderr"),
		value("stderr", "Capture stderr in logs but not stdout"),
		value("stdoutAndStderr", "Capture stdout and stderr in logs"),
		value("none", "Capture no logs"),
	}
}

// Text is the text that a pointer holds, or none.
func Text[T ~string](of *T) string {
	if of == nil {
		return ""
	}
	return string(*of)
}
