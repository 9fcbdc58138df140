// What the plugins of tools/ provide.
declare module "virtual:model/*" {
  const form: import("../tools/models").ModelForm;
  export default form;
}

declare module "virtual:states" {
  const states: readonly import("../tools/states").LifecycleState[];
  export default states;
}
