// keys.mjs CONFIG: the keys that sandbox-runtime's own schema has, one a line: "OBJECT KEY", "- KEY" at the top.
const schema = await import(process.argv[2]);

// what is optional, or has rules of its own, is wrapped around the object
const bare = (s) => {
	while (s._def.innerType || s._def.schema) s = s._def.innerType ?? s._def.schema;
	return s;
};
const top = bare(schema.SandboxRuntimeConfigSchema).shape;
for (const key of Object.keys(top)) console.log(`- ${key}`);
for (const object of ["network", "filesystem", "credentials", "git"])
	for (const key of Object.keys(bare(top[object]).shape)) console.log(`${object} ${key}`);
