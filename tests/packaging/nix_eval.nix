# What pkg/nix/module.nix makes of programs.postern, with as little of nixpkgs as it uses: { mode } -> the settings.
{ mode }:

let
  lib = {
    mkEnableOption = _: { };
    mkOption = o: o;
    mkIf = condition: value: if condition then value else { };
    mkMerge = builtins.foldl' merge { };
    optional = condition: value: if condition then [ value ] else [ ];
    literalExpression = text: text;
    types = {
      package = null;
      str = null;
      bool = null;
      enum = values: if builtins.elem mode values then values else throw "no such mode";
    };
  };
  merge =
    a: b:
    a
    // b
    // builtins.mapAttrs (
      name: value: if builtins.isAttrs value && builtins.isAttrs b.${name} then merge value b.${name} else b.${name}
    ) (builtins.intersectAttrs b a);
  package = privPath: {
    outPath = "/nix/store/postern";
    inherit privPath;
    override = changes: package changes.privPath;
  };
  pkgs = {
    callPackage = _: _: package null;
    runCommand = name: _: text: name + text;
    coreutils = "coreutils";
    libcap = "libcap";
  };
  module = import ../../pkg/nix/module.nix {
    inherit lib pkgs;
    config = {
      programs.postern = {
        enable = true;
        package = package null;
        inherit mode;
        group = "postern";
        asBwrap = true;
      };
      security.wrapperDir = "/run/wrappers/bin";
    };
  };
  made = module.config;
in
{
  known = builtins.elem mode module.options.programs.postern.mode.type;
  default = module.options.programs.postern.mode.default;
  privPath = (builtins.head made.environment.systemPackages).privPath;
  etc = made.environment.etc or { };
  groups = made.users.groups or { };
  wrappers = made.security.wrappers or { };
  script = made.systemd.services.postern-priv.script or "";
}
