# NixOS: programs.postern.enable and programs.postern.mode.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.programs.postern;

  # what installer/capabilities has, by mode
  capabilities = {
    filecaps = "cap_setpcap,cap_net_admin,cap_sys_chroot,cap_sys_admin=p";
    filecaps-userns = "cap_sys_admin=p";
  };
  hasCaps = capabilities ? ${cfg.mode};
  isPrivileged = hasCaps || cfg.mode == "setuid";

  # on the tmpfs of the wrappers, which is not mounted nosuid
  capsDir = "/run/wrappers/postern";

  plain = cfg.package;
  package =
    if hasCaps then
      plain.override { privPath = "${capsDir}/postern-priv"; }
    else if cfg.mode == "setuid" then
      plain.override { privPath = "${config.security.wrapperDir}/postern-priv"; }
    else
      plain;
in
{
  options.programs.postern = {
    enable = lib.mkEnableOption "postern, which starts sandboxes on hosts that refuse them";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ./package.nix { };
      defaultText = lib.literalExpression "pkgs.callPackage ./package.nix { }";
      description = "The package to use. It is rebuilt in the privileged modes, with the place of postern-priv.";
    };

    mode = lib.mkOption {
      type = lib.types.enum [
        "userns"
        "filecaps"
        "filecaps-userns"
        "setuid"
      ];
      default = "userns";
      description = ''
        What sandboxes are made with. `userns` changes nothing. The others give postern-priv a privilege, for the members of
        `programs.postern.group`, where user namespaces are refused (`security.allowUserNamespaces = false`,
        `security.unprivilegedUsernsClone = false`): a bug in it is then worth CAP_SYS_ADMIN to them. `filecaps` needs no
        user namespace at all; `filecaps-userns` makes one, with which members have what the host refuses.
      '';
    };

    group = lib.mkOption {
      type = lib.types.str;
      default = "postern";
      description = "Who may use the privileged modes. Nobody is put into it.";
    };

    asBwrap = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Whether to install the launcher under the name bwrap, too.";
    };
  };

  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      {
        environment.systemPackages = [
          package
        ]
        ++ lib.optional cfg.asBwrap (
          pkgs.runCommand "postern-bwrap" { } ''
            mkdir -p $out/bin
            ln -s ${package}/libexec/postern/bwrap $out/bin/bwrap
          ''
        );
      }

      (lib.mkIf isPrivileged {
        users.groups.${cfg.group} = { };

        # A copy: postern-priv follows no link to its configuration.
        environment.etc."postern/privileged.conf" = {
          mode = "0644";
          text = ''
            # The mode ${cfg.mode}, by programs.postern.mode.
            ${if cfg.mode == "filecaps-userns" then "user-namespace = yes" else "allow-no-userns = yes"}
          ''
          + (
            if cfg.mode == "setuid" then
              ''
                # What is in the store everybody may execute, without a privilege: the wrapper's mode and group decide.
                group = any
              ''
            else
              ''
                group = ${cfg.group}
              ''
          )
          + ''
            pam = off
            audit = required
          '';
        };
      })

      (lib.mkIf (cfg.mode == "setuid") {
        security.wrappers.postern-priv = {
          setuid = true;
          owner = "root";
          group = cfg.group;
          permissions = "u+rx,g+x";
          source = "${package}/libexec/postern/postern-priv";
        };
      })

      # security.wrappers keeps CAP_SETPCAP to itself, and makes the others ambient and inheritable: postern-priv needs
      # the one, and nothing of the other. So it is copied, and gets them from its own file as elsewhere.
      (lib.mkIf hasCaps {
        systemd.services.postern-priv = {
          description = "postern-priv with its capabilities";
          wantedBy = [ "sysinit.target" ];
          before = [
            "sysinit.target"
            "shutdown.target"
          ];
          conflicts = [ "shutdown.target" ];
          after = [ "systemd-sysusers.service" ];
          unitConfig.DefaultDependencies = false;
          unitConfig.RequiresMountsFor = [
            "/nix/store"
            "/run/wrappers"
          ];
          serviceConfig.Type = "oneshot";
          serviceConfig.RemainAfterExit = true;
          path = [
            pkgs.coreutils
            pkgs.libcap
          ];
          script = ''
            mkdir -p -m 0755 ${capsDir}
            new=$(mktemp ${capsDir}/.new.XXXXXXXXXX)
            cat ${package}/libexec/postern/postern-priv >"$new"
            chown root:${cfg.group} "$new"
            # after the owner, which would take them away; executable last
            setcap ${capabilities.${cfg.mode}} "$new"
            chmod 0750 "$new"
            mv -f "$new" ${capsDir}/postern-priv
          '';
          postStop = ''
            rm -rf ${capsDir}
          '';
        };
      })
    ]
  );
}
