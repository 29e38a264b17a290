import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ESL_SECRETS } from '../../support/esl-secrets';
import { FILES, installed, NodeFolder, settings } from './node-folder';

/** Waits for a condition, five seconds at most. */
async function until(met: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!met() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
}

const BIN = join(FILES, 'bin');

describe('the scripts', () => {
  it.each(readdirSync(BIN))('%s is one that bash understands', (name) => {
    expect(spawnSync('bash', ['-n', join(BIN, name)]).status).toBe(0);
  });

  (installed('shellcheck') ? it : it.skip)('have nothing that shellcheck warns of (needs shellcheck)', () => {
    const args = ['-S', 'warning', '-x', '-P', BIN, ...readdirSync(BIN).map((name) => join(BIN, name))];
    expect(spawnSync('shellcheck', args, { encoding: 'utf8' }).stdout).toBe('');
  });
});

describe('on the node', () => {
  let node: NodeFolder;
  beforeEach(() => (node = new NodeFolder()));
  afterEach(() => node.remove());

  describe('wait-for-time', () => {
    it('lets FreeSWITCH start with a right clock', () => {
      node.stub('chronyc', `echo "$*" > "${node.root}/asked"`);
      expect(node.run('wait-for-time').code).toBe(0);
      expect(node.read('asked')).toBe('waitsync 30 0.1 0 2\n');
    });

    it('keeps it from starting without one, and says that this node is no candidate', () => {
      node.stub('chronyc', 'exit 1');
      expect(node.run('wait-for-time')).toMatchObject({
        code: 1,
        err: expect.stringContaining('the clock is not synchronised: FreeSWITCH does not start') as string,
      });
    });
  });

  describe('wait-for-database', () => {
    beforeEach(() => node.stub('sleep', 'exit 0'));

    it('lets FreeSWITCH start when every table is there, asked as the own role with the password file', () => {
      node.stub('psql', `printf '%s\\n' "$PGPASSFILE" "$@" > "${node.root}/asked"`);
      expect(node.run('wait-for-database').code).toBe(0);
      expect(node.read('asked')).toContain(`${node.root}/run/understudy/pgpass\n`);
      expect(node.read('asked')).toMatch(/user=node_alice sslmode=verify-full/);
    });

    it('lets it start although the server warns of something at every sign-in', () => {
      node.stub('psql', `echo 'WARNING:  database "freeswitch" has no actual collation version' >&2`);
      expect(node.run('wait-for-database')).toMatchObject({ code: 0, err: '' });
    });

    it('gives up after six looks and names what is missing: an empty database makes FreeSWITCH spin', () => {
      node.stub('psql', `echo look >> "${node.root}/looks"; echo 'recovery calls'`);
      const { code, err } = node.run('wait-for-database');
      expect(code).toBe(1);
      expect(err).toContain('these tables are missing or not ours to write: recovery calls');
      expect(node.read('looks').split('\n')).toHaveLength(7);
    });

    it('says what the database said when it cannot be reached', () => {
      node.stub('psql', 'printf "connection to db.example failed:\\n\\tConnection refused\\n" >&2; exit 2');
      expect(node.run('wait-for-database').err).toContain(
        'not ready for node_alice: connection to db.example failed: Connection refused',
      );
    });

    it('has nothing to wait for where the cluster has no database', () => {
      node.remove();
      node = new NodeFolder({ ...settings, database: null });
      node.stub('psql', 'exit 2');
      expect(node.run('wait-for-database').code).toBe(0);
    });
  });

  describe('secrets', () => {
    const PASSWORD = 'a&b<"c';
    const answers = (database: string, esl = PASSWORD): string =>
      `case "$*" in *db-alice*) printf '%s\\n' '${database}' ;; *) printf '%s\\n' '${esl}' ;; esac`;
    const modeOf = (path: string): string => (statSync(join(node.root, path)).mode & 0o777).toString(8);

    it('writes the ESL password as XML, for FreeSWITCH and nobody else to read', () => {
      node.stub('aws', answers('{"username":"node_alice","password":"p"}'));
      const { code, err } = node.run('secrets');
      expect([code, err]).toEqual([0, expect.not.stringContaining(PASSWORD)]);
      expect(node.read('run/understudy/esl.xml')).toContain('data="esl_password=a&amp;b&lt;&quot;c"');
      expect(node.read('run/understudy/.fs_cli_conf')).toContain(`password => ${PASSWORD}\n`);
      expect(['esl.xml', '.fs_cli_conf', 'pgpass'].map((file) => modeOf(`run/understudy/${file}`))).toEqual([
        '600',
        '600',
        '600',
      ]);
    });

    describe('takes the ESL password as the functions do', () => {
      beforeEach(() => {
        node.remove();
        node = new NodeFolder({ ...settings, database: null });
        node.stub('aws', `cat "${node.root}/secret"; echo`);
      });

      it.each(ESL_SECRETS)('%j holds %j', (secret, password) => {
        node.write('secret', secret);
        const { code, err } = node.run('secrets');
        if (password === null) {
          expect([code, err]).toEqual([1, expect.stringContaining('holds no password: put the ESL password into it')]);
          expect(node.has('run/understudy/esl.xml')).toBe(false);
        } else {
          expect([code, err]).toEqual([0, expect.not.stringContaining(password)]);
          expect(node.read('run/understudy/.fs_cli_conf')).toContain(`password => ${password}\n`);
        }
      });

      it.each(['p w', '{"password":"p w"}', 'p\u00e4', '{"password":"a\\nb"}'])(
        'and refuses %j, which FreeSWITCH could not be given',
        (secret) => {
          node.write('secret', secret);
          const { code, err } = node.run('secrets');
          expect([code, err]).toEqual([
            1,
            expect.stringContaining('a space, a line end or letters that are not ASCII'),
          ]);
          expect(node.has('run/understudy/esl.xml')).toBe(false);
        },
      );
    });

    it('brings a rotated database password without a restart, escaped as libpq reads it', () => {
      node.stub('aws', answers('{"password":"first"}'));
      node.run('secrets');
      expect(node.read('run/understudy/pgpass')).toBe('db.example:5432:freeswitch:node_alice:first\n');
      node.stub('aws', answers('{"password":"se:co\\\\nd"}'));
      expect(node.run('secrets').err).toContain('pgpass is new');
      expect(node.read('run/understudy/pgpass')).toBe('db.example:5432:freeswitch:node_alice:se\\:co\\\\nd\n');
    });

    it('keeps what it has when Secrets Manager does not answer', () => {
      node.stub('aws', answers('{"password":"first"}'));
      node.run('secrets');
      node.stub('aws', 'exit 255');
      expect(node.run('secrets')).toMatchObject({
        code: 1,
        err: expect.stringContaining('the last one stays') as string,
      });
      expect(node.read('run/understudy/pgpass')).toContain(':first');
    });

    it('asks AWS nothing at a restart of FreeSWITCH that lacks nothing', () => {
      node.stub('aws', answers('{"password":"first"}'));
      node.run('secrets');
      node.stub('aws', 'exit 255');
      expect(node.run('secrets', ['--if-missing']).code).toBe(0);
    });

    it('keeps FreeSWITCH from starting when there never was a password', () => {
      node.stub('aws', 'exit 255');
      const { code, err } = node.run('secrets', ['--if-missing']);
      expect([code, err]).toEqual([1, expect.stringContaining('FreeSWITCH cannot start')]);
    });

    it('splits a certificate into what FreeSWITCH reads, the key for itself alone', () => {
      node.remove();
      node = new NodeFolder({ ...settings, vips: settings.vips.map((vip) => ({ ...vip, tlsSecretArn: 'arn:tls' })) });
      const made = spawnSync(
        'openssl',
        ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=sip.example', '-keyout', '-', '-out', '-'],
        { encoding: 'utf8' },
      );
      node.write('pem', made.stdout);
      node.stub('aws', `case "$*" in *arn:tls*) cat "${node.root}/pem" ;; *) echo '{"password":"p"}' ;; esac`);
      expect(node.run('secrets').code).toBe(0);
      expect(node.read('etc/understudy/tls/main-line/agent.pem')).toContain('PRIVATE KEY');
      expect(modeOf('etc/understudy/tls/main-line/agent.pem')).toBe('600');
      expect(node.read('etc/understudy/tls/main-line/cafile.pem')).not.toContain('PRIVATE KEY');
    });
  });

  describe('configure', () => {
    const TEMPLATE =
      '<a ip="@@PRIMARY_ADDRESS@@" db="@@DB_HOST@@" eip="@@PUBLIC:main-line@@" own="@@PRIVATE:main-line@@"/>';

    it('puts in what only the node knows, as text and never as XML', () => {
      node.remove();
      node = new NodeFolder({ ...settings, database: { ...settings.database!, host: 'a&b"<' } });
      node.write('etc/understudy/node.xml.template', TEMPLATE);
      node.write('etc/freeswitch/node.xml', 'old');
      expect(node.run('configure')).toMatchObject({ code: 0 });
      expect(node.read('etc/freeswitch/node.xml').trim()).toBe(
        '<a ip="10.99.1.11" db="a&amp;b&quot;&lt;" eip="198.51.100.10" own="10.99.1.21"/>',
      );
    });

    it('writes nothing when a value is missing', () => {
      node.write('etc/understudy/node.xml.template', '<a ip="@@PUBLIC:other@@"/>');
      node.write('etc/freeswitch/node.xml', 'old');
      expect(node.run('configure')).toMatchObject({
        code: 1,
        err: expect.stringContaining('@@PUBLIC:other@@') as string,
      });
      expect(node.read('etc/freeswitch/node.xml')).toBe('old');
    });

    it.each([
      ['does not answer', 'exit 28', 'does not tell the address of this node'],
      ['answers with nothing', 'exit 0', 'PRIMARY_ADDRESS has a value that no configuration can hold'],
    ])('writes nothing while the metadata service %s: ESL would listen on the loopback alone', (_words, curl, why) => {
      node.write('etc/understudy/node.xml.template', TEMPLATE);
      node.write('etc/freeswitch/node.xml', 'old');
      node.stub('curl', curl);
      expect(node.run('configure')).toMatchObject({ code: 1, err: expect.stringContaining(why) as string });
      expect(node.read('etc/freeswitch/node.xml')).toBe('old');
    });

    it('finds an adopted Elastic IP by its tag, and the last one found serves while EC2 is away', () => {
      const publicAddress = { kind: 'tagged', key: 'Name', value: 'carrier' } as const;
      node.remove();
      node = new NodeFolder({ ...settings, vips: settings.vips.map((vip) => ({ ...vip, publicAddress })) });
      node.write('etc/understudy/node.xml.template', TEMPLATE);
      node.write('etc/freeswitch/node.xml', '');
      node.stub('aws', 'echo 203.0.113.7');
      node.run('configure');
      node.stub('aws', 'exit 255');
      expect(node.run('configure').code).toBe(0);
      expect(node.read('etc/freeswitch/node.xml')).toContain('eip="203.0.113.7"');
    });
  });

  describe('incarnation', () => {
    it('records the core_uuid of a start', () => {
      const uuid = '45a51caf-0000-4000-8000-0123456789ab';
      node.stub('fs_cli', `echo ${uuid}`);
      expect(node.run('incarnation').err).toContain(`incarnation ${uuid}, in standby`);
      expect(JSON.parse(node.read('var/lib/understudy/incarnations.log'))).toMatchObject({
        node: 'alice',
        coreUuid: uuid,
      });
    });
  });

  describe('metrics', () => {
    const listen = async (): Promise<{ port: number; received: string[]; close: () => void }> => {
      const socket = createSocket('udp4');
      const received: string[] = [];
      socket.on('message', (message) => received.push(message.toString()));
      await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
      return { port: socket.address().port, received, close: () => socket.close() };
    };

    it('tells sessions, idle CPU and the clock, and that ESL answers, per cluster and node', async () => {
      const agent = await listen();
      node.write('etc/understudy/node.env', `${node.read('etc/understudy/node.env')}STATSD_PORT=${agent.port}\n`);
      const response = {
        sessions: { count: { active: 12, limit: 1000 }, rate: { current: 3 } },
        idleCPU: { used: 0, allowed: 87.5 },
      };
      node.stub('fs_cli', `echo '${JSON.stringify({ response })}'`);
      node.stub('chronyc', 'echo A,B,2,1700000000.0,-0.000123,0,0');
      node.run('metrics');
      const tags = '#cluster:pbx,node:alice';
      const expected = [
        'esl_answers:1',
        'sessions:12',
        'sessions_limit:1000',
        'sessions_per_second:3',
        'idle_cpu:87.5',
      ];
      await until(() => agent.received.length === 6);
      agent.close();
      expect(agent.received.sort()).toEqual([...expected, 'clock_offset_ms:0.123'].map((g) => `${g}|g|${tags}`).sort());
    });

    it('tells how long the certificates hold that FreeSWITCH has loaded, not those renewed since', async () => {
      const agent = await listen();
      node.write('etc/understudy/node.env', `${node.read('etc/understudy/node.env')}STATSD_PORT=${agent.port}\n`);
      const days = (count: number): string => new Date(Date.now() + count * 86_400_000 + 60_000).toUTCString();
      node.stub('openssl', `case "$*" in *main*) echo "notAfter=${days(30)}" ;; *) echo "notAfter=${days(5)}" ;; esac`);
      node.stub('fs_cli', 'echo 45a51caf-0000-4000-8000-0123456789ab');
      node.write('etc/understudy/tls/main/agent.pem', 'x');
      node.write('etc/understudy/tls/other/agent.pem', 'x');
      node.run('incarnation');
      node.stub('openssl', `echo "notAfter=${days(90)}"`);
      node.run('metrics');
      const ofCertificates = () => agent.received.filter((each) => each.startsWith('certificate'));
      await until(() => ofCertificates().length > 0);
      agent.close();
      expect(ofCertificates()).toEqual(['certificate_days_left:5|g|#cluster:pbx,node:alice']);
    });

    it('tells that ESL does not answer, and nothing that it does not know', async () => {
      const agent = await listen();
      node.write('etc/understudy/node.env', `${node.read('etc/understudy/node.env')}STATSD_PORT=${agent.port}\n`);
      node.stub('fs_cli', 'exit 255');
      node.stub('chronyc', 'exit 1');
      node.run('metrics');
      await until(() => agent.received.length === 1);
      agent.close();
      expect(agent.received).toEqual(['esl_answers:0|g|#cluster:pbx,node:alice']);
    });
  });

  describe('packages', () => {
    it.each([
      ['ask nobody when all of them are there', 'echo -n "ii "', 0, ''],
      ['are not installed under a FreeSWITCH that runs', '[ "${!#}" = freeswitch ] && echo -n "ii "', 0, 'mod-opus'],
    ])('%s', (_words, dpkg, code, told) => {
      node.stub('dpkg-query', dpkg);
      node.stub('systemctl', 'exit 0');
      node.stub('apt-get', `touch ${node.root}/installed`);
      node.write('packages', '1.11\nfreeswitch\nfreeswitch-mod-opus\n');

      expect(node.run('packages', [`${node.root}/packages`])).toMatchObject({
        code,
        err: expect.stringContaining(told) as string,
      });
      expect(node.has('installed')).toBe(false);
    });

    const REAL = 'FreeSWITCH version: 1.11.2-release+git~20260809T162310Z~3f13ad1b1d~64bit (git 3f13ad1 64bit)';

    it.each([
      ['say nothing of the series that was asked for', REAL, ''],
      ['tell another series', REAL.replace('1.11.2', '1.10.12'), 'FreeSWITCH 1.10.12 is on this node'],
      ['tell a series that only begins alike', REAL.replace('1.11.2', '1.112.0'), 'FreeSWITCH 1.112.0 is on this node'],
      ['tell a version that nobody can read', 'what?', 'FreeSWITCH of an unknown version is on this node'],
    ])('%s, and never keep the node from starting', (_words, version, told) => {
      node.stub('freeswitch', `echo '${version}'`);
      node.write('packages', '1.11\nfreeswitch\n');

      const { code, err } = node.run('packages', ['--check', `${node.root}/packages`]);

      expect(code).toBe(0);
      expect(err).toContain(told);
      if (told === '') expect(err).toBe('');
    });
  });

  describe('user-files', () => {
    it('only adds what the users have in S3: nothing of theirs is deleted', () => {
      node.remove();
      node = new NodeFolder(settings, 's3://mine/pbx/');
      node.stub('aws', `echo "$*" > "${node.root}/asked"`);
      node.run('user-files');
      expect(node.read('asked')).toMatch(
        /s3 sync --only-show-errors s3:\/\/mine\/pbx\/ \S+\/etc\/freeswitch\/user.next\n$/,
      );
    });

    const SETTINGS = 'etc/freeswitch/user/sip_profiles/external/settings/mine.xml';

    /** What S3 has for the node beside what is on its disk. */
    function inS3(path: string, content: string): void {
      node.remove();
      node = new NodeFolder(settings, 's3://mine/pbx/');
      node.write('theirs', content);
      node.stub('aws', `file="\${!#}/${path}"; mkdir -p "$(dirname "$file")"; cp ${node.root}/theirs "$file"`);
    }

    it('come into their place beside those of the last boot', () => {
      inS3('dialplan/new.xml', '<include><context name="a"/></include>');
      node.write('etc/freeswitch/user/dialplan/old.xml', '<include/>');

      expect(node.run('user-files')).toMatchObject({ code: 0, err: '' });

      expect(node.read('etc/freeswitch/user/dialplan/new.xml')).toContain('context');
      expect(node.read('etc/freeswitch/user/dialplan/old.xml')).toBe('<include/>');
      expect(node.has('etc/freeswitch/user.next')).toBe(false);
    });

    it('that are refused never reach a FreeSWITCH that runs, and would read them at its promotion', () => {
      inS3('sip_profiles/external/settings/mine.xml', '<param name="rtp-ip" value="10.99.1.11"/>');

      expect(node.run('user-files').code).toBe(2);
      expect(node.has(SETTINGS)).toBe(false);
    });

    it.each([
      ['<include><context></include>', /user\/dialplan\/new.xml is no well-formed XML \(mismatched tag/],
      ['<?xml version="1.0"?>\n<context name="a"/><context name="b"/>', /^$/],
      ['<!-- nothing but words -->', /^$/],
    ])('that no XML parser reads are told, and serve all the same: %s', (content, told) => {
      inS3('dialplan/new.xml', content);

      const { code, err } = node.run('user-files');

      expect(code).toBe(0);
      expect(err).toMatch(told);
      expect(node.read('etc/freeswitch/user/dialplan/new.xml')).toBe(content);
    });

    it.each([
      '<include><param name="rtp-ip" value="10.99.1.11"/></include>',
      "<param  value='10.99.1.11' name = 'RTP-IP' />",
    ])('refuse a second address for media: %s', (content) => {
      node.write(SETTINGS, content);
      const { code, err } = node.run('user-files', ['--check']);
      expect(code).toBe(2);
      expect(err).toContain('external/settings/mine.xml sets rtp-ip, which adds to the VIP');
    });

    it.each([
      '<include>\n<!-- not <param name="rtp-ip" value="x"/>\n here -->\n<param name="debug" value="0"/></include>',
      '<param name="ext-rtp-ip" value="198.51.100.9"/>',
    ])('let any other param pass: %j', (content) => {
      node.write(SETTINGS, content);
      expect(node.run('user-files', ['--check'])).toMatchObject({ code: 0, err: '' });
    });

    it('have nothing to refuse where there are none', () => {
      expect(node.run('user-files', ['--check']).code).toBe(0);
    });
  });
});
