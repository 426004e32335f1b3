"""The schema of a CreateJob body: every key of the SDK's CreateJobRequest (1.11.6), and its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY = object()
TEXTS = {"*": str}  # a map of the user's own keys
# A type, a list of one schema, or a struct by key; `*` is any key.
Schema = Any

_RESOURCES = {"CPU": str, "GPU": str, "Memory": str}
_HYPER_NODES = [{"HyperNodeName": str, "NodeNames": str}]
_SECURITY_CONTEXT = {
    "Capabilities": {"Add": [str], "Drop": [str]},
    "Privileged": bool,
    "RunAsGroup": int,
    "RunAsUser": int,
    "SeccompProfile": {"LocalhostProfile": str, "Type": str},
}
_CONTAINERS = [
    {
        "Args": [str],
        "Command": [str],
        "Env": [{"Name": str, "Value": str}],
        "Image": str,
        "Name": str,
        "Resources": {"Limits": TEXTS, "Requests": TEXTS},
        "SecurityContext": _SECURITY_CONTEXT,
        "WorkingDir": str,
    }
]
_HOOK = {"Exec": {"Command": [str]}}
_JOB_SPEC: Mapping[str, Schema] = {
    "AssignNodeSpec": {
        "AntiAffinityHyperNodes": _HYPER_NODES,
        "AntiAffinityNodeNames": str,
        "EnableAssignNode": bool,
        "HyperNodes": _HYPER_NODES,
        "NodeNames": str,
    },
    "AutoScalingSpec": {
        "AutoscalingMetricSpec": {
            "MetricName": str,
            "StabilizationWindowSeconds": int,
            "TargetValue": int,
            "Tolerance": str,
        },
        "MaxReplicas": int,
        "MinReplicas": int,
        "PodsToDelete": [str],
        "ScalingStrategy": str,
    },
    "ConsiderInSuccessPolicy": bool,
    "Driver": str,
    "EcsSpec": str,
    "ElasticSpotSpecs": [
        {"InstanceType": str, "SpotDiscountLimit": float, "SpotPriceLimit": float, "SpotStrategy": str}
    ],
    "ExtraPodSpec": {
        "InitContainers": _CONTAINERS,
        "Lifecycle": {"PostStart": _HOOK, "PreStop": _HOOK},
        "MainContainerSecurityContext": _SECURITY_CONTEXT,
        "PodAnnotations": TEXTS,
        "PodLabels": TEXTS,
        "SharedVolumeMountPaths": [str],
        "SideCarContainers": _CONTAINERS,
    },
    "HyperNodeSchedulingConfig": {"MinAvailable": int, "QualityPolicy": str},
    "Image": str,
    "ImageConfig": {"Auth": str, "DockerRegistry": str, "Password": str, "Username": str},
    "IsCheif": bool,
    "IsChief": bool,
    "LocalMountSpecs": [{"LocalPath": str, "MountMode": str, "MountPath": str}],
    "OversoldType": str,
    "PodCount": int,
    "QuotaId": str,
    "ResourceConfig": {**_RESOURCES, "GPUType": str, "SharedMemory": str},
    "RestartPolicy": str,
    "ServiceSpec": {"DefaultPort": int, "ExtraPorts": [int], "ServiceMode": str},
    "SpotSpec": {"SpotDiscountLimit": float, "SpotPriceLimit": float, "SpotStrategy": str},
    "StartupDependencies": [{"MinReplicas": str, "OnPhase": str, "Type": str}],
    "SystemDisk": {"Category": str, "PerformanceLevel": str, "Size": int},
    "Type": str,
    "UseSpotInstance": bool,
    "UserCommand": str,
}
_SETTINGS: Mapping[str, Schema] = {
    "AdvancedSettings": {"*": ANY},
    "AllocateAllRDMADevices": bool,
    "AllowUnschedulableNodes": bool,
    "BusinessUserId": str,
    "Caller": str,
    "DataJuicerConfig": {
        "CommandType": str,
        "EnableResourceEstimation": bool,
        "ExecutionMode": str,
        "ResourceLimit": _RESOURCES,
    },
    "DisableEcsStockCheck": bool,
    "Driver": str,
    "ElasticSpotJobMaxRestartTimes": int,
    "EnableCPUAffinity": bool,
    "EnableDSWDev": bool,
    "EnableErrorMonitoringInAIMaster": bool,
    "EnableOssAppend": bool,
    "EnableRDMA": bool,
    "EnableSanityCheck": bool,
    "EnableTideResource": bool,
    "ErrorMonitoringArgs": str,
    "JobReservedMinutes": int,
    "JobReservedPolicy": str,
    "ModelConfig": {
        "ModelName": str,
        "ModelTemplate": {"Collections": str, "ModelName": str, "Provider": str},
    },
    "OversoldType": str,
    "PipelineId": str,
    "SanityCheckArgs": str,
    "Shell": str,
    "Tags": TEXTS,
    "TerminationGracePeriodSeconds": int,
}
_ELASTIC_SPEC: Mapping[str, Schema] = {
    "AIMasterDockerImage": str,
    "AIMasterType": str,
    "EDPMaxParallelism": int,
    "EDPMinParallelism": int,
    "ElasticStrategy": str,
    "EnableAIMaster": bool,
    "EnableEDP": bool,
    "EnableElasticTraining": bool,
    "EnablePsJobElasticPS": bool,
    "EnablePsJobElasticWorker": bool,
    "EnablePsResourceEstimate": bool,
    "MaxParallelism": int,
    "MinParallelism": int,
    "PSMaxParallelism": int,
    "PSMinParallelism": int,
}
_ROLE = {
    "AssumeRoleFor": str,
    "AssumeUserInfo": {"AccessKeyId": str, "Id": str, "SecurityToken": str, "Type": str},
    "Policy": str,
    "RoleArn": str,
    "RoleType": str,
}
BODY: Mapping[str, Schema] = {
    "Accessibility": str,
    "CodeSource": {
        "Branch": str,
        "CodeSourceId": str,
        "Commit": str,
        "IsSharedMountPath": bool,
        "MountPath": str,
    },
    "CredentialConfig": {
        "AliyunEnvRoleKey": str,
        "CredentialConfigItems": [{"Key": str, "Roles": [_ROLE], "Type": str}],
        "EnableCredentialInject": bool,
    },
    "CustomEnvs": [{"Key": str, "Value": str, "Visible": str}],
    "DataSources": [
        {
            "AccessPointId": str,
            "DataSourceId": str,
            "DataSourceVersion": str,
            "EnableCache": bool,
            "MountAccess": str,
            "MountPath": str,
            "Options": str,
            "RoleArn": str,
            "RoleChain": str,
            "Uri": str,
        }
    ],
    "DebuggerConfigContent": str,
    "Description": str,
    "DisplayName": str,
    "ElasticSpec": _ELASTIC_SPEC,
    "Envs": TEXTS,
    "JobMaxRunningTimeMinutes": int,
    "JobSpecs": [_JOB_SPEC],
    "JobType": str,
    "Options": str,
    "Priority": int,
    "ResourceId": str,
    "SchedulingStrategy": str,
    "Settings": _SETTINGS,
    "SuccessPolicy": str,
    "TemplateId": str,
    "TemplateVersion": int,
    "ThirdpartyLibDir": str,
    "ThirdpartyLibs": [str],
    "UserCommand": str,
    "UserVpc": {
        "DefaultRoute": str,
        "ExtendedCIDRs": [str],
        "SecurityGroupId": str,
        "SwitchId": str,
        "VpcId": str,
    },
    "WorkspaceId": str,
}

_OVERSOLD = frozenset({"ForbiddenQuotaOverSold", "AcceptQuotaOverSold", "ForceQuotaOverSold"})
_SECCOMP_TYPES = (
    "JobSpecs.ExtraPodSpec.MainContainerSecurityContext.SeccompProfile.Type",
    "JobSpecs.ExtraPodSpec.InitContainers.SecurityContext.SeccompProfile.Type",
    "JobSpecs.ExtraPodSpec.SideCarContainers.SecurityContext.SeccompProfile.Type",
)
# By path, without the places in lists; an empty string counts as not given.
CHOICES: Mapping[str, frozenset[str]] = {
    "Accessibility": frozenset({"PUBLIC", "PRIVATE"}),
    "SuccessPolicy": frozenset({"ChiefWorker", "AllWorkers", "Never", "Partial"}),
    "UserVpc.DefaultRoute": frozenset({"eth0", "eth1"}),
    "DataSources.MountAccess": frozenset({"RO", "RW"}),
    "JobSpecs.RestartPolicy": frozenset({"Always", "Never", "OnFailure", "ExitCode"}),
    "JobSpecs.OversoldType": _OVERSOLD,
    "JobSpecs.AutoScalingSpec.ScalingStrategy": frozenset(
        {"Default", "ScaleByAPI", "RayAutoscaler", "CloudMonitorMetric"}
    ),
    "JobSpecs.LocalMountSpecs.MountMode": frozenset({"Block", "Filesystem"}),
    **dict.fromkeys(_SECCOMP_TYPES, frozenset({"Localhost", "RuntimeDefault", "Unconfined"})),
    "JobSpecs.ServiceSpec.ServiceMode": frozenset({"PerRole", "PerPod"}),
    "JobSpecs.SpotSpec.SpotStrategy": frozenset({"SpotWithPriceLimit"}),
    "JobSpecs.ElasticSpotSpecs.SpotStrategy": frozenset({"LowestPrice", "CapacityOptimized"}),
    "Settings.JobReservedPolicy": frozenset({"Always", "OnFailure", "OnSucceed"}),
    "Settings.OversoldType": _OVERSOLD,
    "Settings.DataJuicerConfig.CommandType": frozenset({"shell", "config"}),
    "Settings.DataJuicerConfig.ExecutionMode": frozenset({"standalone", "distributed"}),
}
RANGES: Mapping[str, range] = {
    "Priority": range(1, 10),
    "JobMaxRunningTimeMinutes": range(1, 2**31),
    "JobSpecs.PodCount": range(1, 10_001),
    "Settings.JobReservedMinutes": range(2**31),
    "Settings.ElasticSpotJobMaxRestartTimes": range(2**31),
    "JobSpecs.ServiceSpec.DefaultPort": range(1, 65_536),
    "JobSpecs.ServiceSpec.ExtraPorts": range(1, 65_536),
}
