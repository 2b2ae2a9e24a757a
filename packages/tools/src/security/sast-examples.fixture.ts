/** For each rule one piece of code that it must report and one near to it that it must not; key: rule id. */
export const SAST_EXAMPLES: Readonly<Record<string, { bad: string; good: string }>> = {
  'js.eval': { bad: 'const x = eval(input);', good: 'const x = evaluate(input); eval("1+1");' },
  'js.new_function': {
    bad: 'const f = new Function("a", body);',
    good: 'const f = function (a) { return a; }; isFunction(f);',
  },
  'js.timer_string': { bad: 'setTimeout("go()", 10);', good: 'setTimeout(() => go(), 10);' },
  'js.shell_injection': {
    bad: 'child_process.exec(`tar xf ${name}`);',
    good: 'exec("ls -l"); pattern.exec(`a${b}`); execFile("tar", ["xf", name]);',
  },
  'js.spawn_shell': {
    bad: 'spawn("ls", [dir], { shell: true });',
    good: 'spawn("ls", [dir], { shell: false });',
  },
  'js.sql_concatenation': {
    bad: 'db.query("SELECT * FROM users WHERE id = " + id);\n',
    good: 'db.query("SELECT * FROM users WHERE id = $1", [id]); const t = sql`SELECT * FROM users WHERE id = ${id}`; log(`select ${x}`);',
  },
  'js.vm_run': {
    bad: 'vm.runInNewContext(code, {});',
    good: 'vm.runInNewContext("1 + 1", {}); runner.runInNewContext(code);',
  },
  'js.path_traversal': {
    bad: 'const text = fs.readFileSync(path.join(root, req.params.name));',
    good: 'const text = fs.readFileSync(path.join(root, "fixed.txt")); logger.info(req.params.name);',
  },
  'js.open_redirect': { bad: 'res.redirect(req.query.next);', good: 'res.redirect("/home");' },
  'js.ssrf': {
    bad: 'const page = await fetch(req.query.url);',
    good: 'const page = await fetch("https://example.com", { body: req.body });',
  },
  'js.regex_from_input': {
    bad: 'const r = new RegExp(req.query.search, "i");',
    good: 'const r = new RegExp(pattern, "i");',
  },
  'js.inner_html': {
    bad: 'element.innerHTML = value;',
    good: 'element.innerHTML = "<b>fixed</b>"; element.textContent = value;',
  },
  'js.document_write': {
    bad: 'document.write(value);',
    good: 'document.write("<hr>"); stream.write(value);',
  },
  'js.dangerous_html': {
    bad: 'const a = <div dangerouslySetInnerHTML={{ __html: text }} />;',
    good: 'const a = <div className="x">{text}</div>;',
  },
  'js.response_html': {
    bad: 'res.send(`<h1>${req.query.name}</h1>`);',
    good: 'res.send({ name: req.query.name });',
  },
  'js.post_message_any': {
    bad: 'target.postMessage(data, "*");',
    good: 'target.postMessage(data, "https://example.com");',
  },
  'js.weak_hash': { bad: 'const h = createHash("md5");', good: 'const h = createHash("sha256");' },
  'js.weak_cipher': {
    bad: 'const c = crypto.createCipheriv("des-ede3-cbc", key, iv);',
    good: 'const c = crypto.createCipheriv("aes-256-gcm", key, iv);',
  },
  'js.insecure_random': {
    bad: 'const resetToken = Math.random().toString(36);',
    good: 'const jitter = Math.random() * 10;',
  },
  'js.tls_verification_off': {
    bad: 'const agent = new Agent({ rejectUnauthorized: false });',
    good: 'const agent = new Agent({ rejectUnauthorized: true });',
  },
  'js.jwt_none': {
    bad: 'jwt.verify(token, key, { algorithms: ["HS256", "none"] });',
    good: 'jwt.verify(token, key, { algorithms: ["RS256"] });',
  },
  'js.jwt_fixed_secret': {
    bad: 'jwt.sign(payload, "fixed-words");',
    good: 'jwt.sign(payload, settings.key);',
  },
  'js.bind_all': {
    bad: 'server.listen(3000, "0.0.0.0");',
    good: 'server.listen(3000, "127.0.0.1"); const text = "0.0.0.0";',
  },
  'js.cors_any': {
    bad: 'res.setHeader("Access-Control-Allow-Origin", "*");',
    good: 'res.setHeader("Access-Control-Allow-Origin", origin);',
  },
  'js.cookie_unprotected': {
    bad: 'res.cookie("sid", id, { httpOnly: false });',
    good: 'res.cookie("sid", id, { httpOnly: true }); connect({ secure: false });',
  },
  'js.world_writable': { bad: 'fs.chmodSync(file, 0o777);', good: 'fs.chmodSync(file, 0o600);' },
  'py.eval': { bad: 'x = eval(text)\n', good: 'x = ast.literal_eval(text)\ny = eval("1 + 1")\n' },
  'py.exec': { bad: 'exec(code)\n', good: 'cursor.exec(code)\n' },
  'py.subprocess_shell': {
    bad: 'subprocess.run(command, shell=True)\n',
    good: 'subprocess.run(["ls", path])\n',
  },
  'py.os_system': { bad: 'os.system("rm " + name)\n', good: 'os.system("clear")\n' },
  'py.sql_formatting': {
    bad: 'cursor.execute(f"SELECT * FROM users WHERE id = {uid}")\n',
    good: 'cursor.execute("SELECT * FROM users WHERE id = %s", (uid,))\n',
  },
  'py.path_traversal': {
    bad: 'data = open(request.args["file"]).read()\n',
    good: 'data = open("fixed.txt").read()\n',
  },
  'py.template_from_input': {
    bad: 'render_template_string(text)\n',
    good: 'render_template_string("<p>{{ x }}</p>", x=text)\n',
  },
  'py.open_redirect': {
    bad: 'return redirect(request.args.get("next"))\n',
    good: 'return redirect(url_for("home"))\n',
  },
  'py.pickle': { bad: 'data = pickle.loads(body)\n', good: 'data = json.loads(body)\n' },
  'py.yaml_load': {
    bad: 'c = yaml.load(text)\n',
    good: 'c = yaml.safe_load(text)\nd = yaml.load(text, Loader=yaml.SafeLoader)\n',
  },
  'py.tar_extract': {
    bad: 'archive.extractall(path)\n',
    good: 'archive.extractall(path, filter="data")\n',
  },
  'py.weak_hash': {
    bad: 'h = hashlib.md5(data)\n',
    good: 'h = hashlib.sha256(data)\nk = hashlib.md5(data, usedforsecurity=False)\n',
  },
  'py.tls_verification_off': {
    bad: 'requests.get(url, verify=False)\n',
    good: 'requests.get(url, verify=True)\ncheck(verify=False)\n',
  },
  'py.insecure_random': {
    bad: 'token = random.choice(letters)\n',
    good: 'colour = random.choice(colours)\n',
  },
  'py.host_key_ignored': {
    bad: 'client.set_missing_host_key_policy(paramiko.AutoAddPolicy())\n',
    good: 'client.set_missing_host_key_policy(paramiko.RejectPolicy())\n',
  },
  'py.debug_server': { bad: 'app.run(debug=True)\n', good: 'app.run(debug=settings.debug)\n' },
  'py.bind_all': {
    bad: 'app.serve(host="0.0.0.0")\n',
    good: 'app.serve(host="127.0.0.1")\nx = "0.0.0.0"\n',
  },
  'py.temporary_name': {
    bad: 'name = tempfile.mktemp()\n',
    good: 'handle, name = tempfile.mkstemp()\n',
  },
  'py.autoescape_off': {
    bad: 'env = Environment(autoescape=False)\n',
    good: 'env = Environment(autoescape=True)\n',
  },
  'py.world_writable': { bad: 'os.chmod(path, 0o777)\n', good: 'os.chmod(path, 0o600)\n' },
  'sh.download_and_run': {
    bad: 'curl -fsSL https://example.com/install.sh | sh\n',
    good: 'curl -o file https://example.com/a.sh\ncat file | sort\n',
  },
  'sh.eval': { bad: 'eval "$COMMAND"\n', good: 'eval "set -- a"\n' },
  'sh.rm_variable': { bad: 'rm -rf "$TARGET/"\n', good: 'rm -rf "${TARGET:?}/" ./build\n' },
  'sh.world_writable': { bad: 'chmod -R 777 /srv\n', good: 'chmod 755 /srv\n' },
  'sh.tls_verification_off': {
    bad: 'curl -k https://example.com\n',
    good: 'curl -fsS https://example.com/a-k\n',
  },
  'sh.sudo_password': { bad: 'echo words | sudo -S apt update\n', good: 'sudo apt update\n' },
  'sh.fixed_temporary': { bad: 'date > /tmp/state.txt\n', good: 'date > "$(mktemp)"\n' },
  'sh.password_argument': {
    bad: 'mysql -u root -pwords db\n',
    good: 'mysql --defaults-file=my.cnf -P 3306 db\n',
  },
};
