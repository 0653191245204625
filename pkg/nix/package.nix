# postern, without any privilege: callPackage ./package.nix { }. The module beside it gives postern-priv one where
# programs.postern.mode asks for it.
{
  lib,
  stdenv,
  jansson,
  libcap,
  libseccomp,
  scdoc,
  # where the launcher looks for postern-priv; the store can hold neither set-id bits nor capabilities
  privPath ? null,
  src ? lib.cleanSource ../..,
}:

stdenv.mkDerivation {
  pname = "postern";
  version = "0.1.0";
  inherit src;

  nativeBuildInputs = [ scdoc ];
  buildInputs = [
    jansson
    libcap
    libseccomp
  ];

  postPatch = lib.optionalString (privPath != null) ''
    substituteInPlace src/launcher/handover.c src/launcher/refusal.c src/cli/launch.c \
      --replace-fail 'POSTERN_PRIVDIR "/postern-priv"' '"${privPath}"'
  '';

  # PAM=no: postern-pam must be unreadable, which nothing in the store is; who may start sandboxes the group says.
  makeFlags = [
    "PREFIX=${placeholder "out"}"
    "SYSCONFDIR=/etc"
    "STATIC=no"
    "PAM=no"
    "APPARMOR=no"
  ];

  # The tests make sandboxes of a tree with /usr and /bin, which a build has not.
  doCheck = false;

  meta = {
    description = "Sandboxes on hosts that refuse them, with the least privilege";
    license = lib.licenses.mit;
    platforms = lib.platforms.linux;
    mainProgram = "postern";
  };
}
