package resources

import (
	"context"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/swarm"
	"github.com/docker/docker/client"
)

func texts(from []any) []string {
	var made []string
	for _, value := range from {
		text, _ := value.(string) // an empty text arrives as nil
		made = append(made, text)
	}
	return made
}

func anys(from []string) []any {
	made := []any{}
	for _, value := range from {
		made = append(made, value)
	}
	return made
}

// platforms are all of them; the provider's own translation keeps one.
func platforms(from []swarm.Platform) []any {
	made := []any{}
	for _, platform := range from {
		made = append(made, map[string]any{"architecture": platform.Architecture, "os": platform.OS})
	}
	return made
}

// containersOf lists the containers of a service's live tasks that run on the engine asked.
func containersOf(ctx context.Context, c *client.Client, service string) []string {
	made := []string{}
	tasks, err := c.TaskList(ctx, types.TaskListOptions{Filters: filters.NewArgs(filters.Arg("service", service))})
	if err != nil {
		return made
	}
	for _, task := range tasks {
		status := task.Status
		if status.ContainerStatus == nil || status.State == swarm.TaskStateShutdown {
			continue
		}
		if _, err := c.ContainerInspect(ctx, status.ContainerStatus.ContainerID); err == nil {
			made = append(made, status.ContainerStatus.ContainerID)
		}
	}
	return made
}
