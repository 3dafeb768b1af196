/** The fields and words that are read here of what the engine's API returns; @types/dockerode leaves these answers untyped. */

/** Of `GET /tasks`. */
export interface ApiTask {
  ID: string;
  ServiceID: string;
  CreatedAt?: string;
  NodeID?: string;
  DesiredState?: string;
  Spec?: TaskSpec;
  NetworksAttachments?: { Addresses?: string[] }[];
  Status?: { State?: string; Err?: string; Timestamp?: string; ContainerStatus?: { ExitCode?: number } };
}

/** The states of a task that has ended, well or not. */
export const endStates: readonly string[] = ["complete", "failed", "rejected", "shutdown", "orphaned", "remove"];

/** Of `GET /nodes`. */
export interface ApiNode {
  ID: string;
  Description?: {
    Hostname?: string;
    Platform?: { OS?: string; Architecture?: string };
    Engine?: { EngineVersion?: string; Labels?: Record<string, string> };
  };
  Spec?: { Availability?: string; Role?: string; Labels?: Record<string, string> };
  Status?: { State?: string; Addr?: string };
  /** Of managers alone. */
  ManagerStatus?: { Reachability?: string };
}

/** Of `GET /services`. */
export interface ApiService {
  ID: string;
  Version?: { Index?: number };
  Spec?: ApiServiceSpec;
  /** What it was before its last update. */
  PreviousSpec?: ApiServiceSpec;
  UpdateStatus?: { State?: string; Message?: string; StartedAt?: string };
}

export interface ApiServiceSpec {
  Name?: string;
  Labels?: Record<string, string>;
  Mode?: { Global?: object; Replicated?: { Replicas?: number } };
  TaskTemplate?: TaskSpec;
}

interface TaskSpec {
  ContainerSpec?: { Image?: string };
  RestartPolicy?: { Condition?: string };
  Placement?: { Constraints?: string[] };
  ForceUpdate?: number;
}
