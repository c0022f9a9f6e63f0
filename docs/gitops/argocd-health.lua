-- Health of a RealtimeCluster for Argo CD: resource.customizations.health.realtime.dev_RealtimeCluster in argocd-cm.
-- Without it Argo CD calls every custom resource healthy as soon as it exists.
local health = { status = "Progressing", message = "the operator has not looked at it yet" }
if obj.status == nil or obj.status.conditions == nil then
  return health
end

local conditions = {}
for _, condition in ipairs(obj.status.conditions) do
  conditions[condition.type] = condition
end
local function is(type, status)
  return conditions[type] ~= nil and conditions[type].status == status
end

if is("ReconciliationPaused", "True") then
  return { status = "Suspended", message = conditions.ReconciliationPaused.message }
end
if obj.status.observedGeneration ~= nil and obj.metadata.generation ~= nil and obj.status.observedGeneration < obj.metadata.generation then
  return { status = "Progressing", message = "the operator has not looked at the newest spec yet" }
end
if is("ConfigurationAccepted", "False") then
  return { status = "Degraded", message = conditions.ConfigurationAccepted.message }
end
if is("Degraded", "True") then
  return { status = "Degraded", message = conditions.Degraded.message }
end
if is("Ready", "True") then
  return { status = "Healthy", message = conditions.Ready.message }
end
if conditions.Ready ~= nil then
  health.message = conditions.Ready.message
end
return health
