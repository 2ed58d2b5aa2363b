// A forge to propose to, for one test: a stub that remembers, behind a proxy that checks every
// request and every answer against the published description of the programming interface.
//
//   test ── door ── proxy (Prism) ── stub
//
// The first line printed is {"ready": ADDRESS, "door": ADDRESS}. At the door, GET /log tells every
// request since it was last asked, with what the proxy found wrong with it, POST /next makes the
// door give the posted answer to the next request itself, and POST /close closes a pull request by
// a person's hand. Everything ends with standard input.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createServer as createProbe } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const here = import.meta.dirname;
const description = JSON.parse(
  readFileSync(
    path.join(here, "node_modules/@octokit/openapi/generated/api.github.com.deref.json"),
    "utf8",
  ),
);
const [TOKEN, REMOTE] = process.argv.slice(2);
const PREFIX = "/api/v3";
const OWNER = "acme";
const REPOSITORY = "policies";

// Only what a proposal could need: the whole description takes ten times as long to load.
const USED = /^\/repos\/\{owner\}\/\{repo\}\/(pulls|issues)(\/|$)/;
description.paths = Object.fromEntries(
  Object.entries(description.paths).filter(([route]) => USED.test(route)),
);

/** The description's own example of an answer. */
function example(method, route, status) {
  const content = description.paths[`/repos/{owner}/{repo}${route}`][method].responses[status];
  return structuredClone(content.content["application/json"].examples.default.value);
}

const pulls = [];

function user(login) {
  return { ...example("post", "/pulls", 201).user, login };
}

function pull(number, wanted) {
  const made = example("post", "/pulls", 201);
  const repo = { ...made.head.repo, full_name: `${OWNER}/${REPOSITORY}` };
  return {
    ...made,
    number,
    html_url: `https://forge.example/${OWNER}/${REPOSITORY}/pull/${number}`,
    title: wanted.title,
    body: wanted.body ?? null,
    state: "open",
    user: user("ordinance-bot"),
    head: { ...made.head, ref: wanted.head, repo },
    base: { ...made.base, ref: wanted.base, repo },
    labels: [],
    requested_reviewers: [],
    requested_teams: [],
    merged_at: null,
    reviews: [],
  };
}

/** A pull request as it is told; an open one follows its branch. */
function short(it) {
  const { reviews, closed_by, ...rest } = it;
  if (it.state === "open") {
    const name = `refs/heads/${it.head.ref}`;
    const arguments_ = ["-C", REMOTE, "rev-parse", "--verify", name];
    it.head.sha = execFileSync("git", arguments_, { encoding: "utf8" }).trim();
  }
  return rest;
}

/** What the stub answers: a status and a body. */
function answer(method, route, query, body) {
  const [, kind, number, what] = route.match(/^\/(pulls|issues)(?:\/(\d+))?(?:\/(\w+))?$/) ?? [];
  const found = pulls.find((it) => it.number === Number(number));
  if (!kind || (number && !found)) return [404, { message: "Not Found", status: "404" }];
  const refuse = (message) => [
    422,
    {
      message: "Validation Failed",
      errors: [{ resource: "PullRequest", code: "custom", message }],
      documentation_url: "https://docs.example/",
      status: "422",
    },
  ];
  switch (`${method} ${kind}${number ? "/n" : ""}${what ? `/${what}` : ""}`) {
    case "GET pulls": {
      const listed = example("get", "/pulls", 200)[0];
      const of = (it) => ({ ...listed, ...short(it), auto_merge: null });
      const size = Number(query.get("per_page") ?? 30);
      const from = (Number(query.get("page") ?? 1) - 1) * size;
      const head = query.get("head");
      const open = pulls
        .filter((it) => it.state === (query.get("state") ?? "open"))
        .filter((it) => !head || head === `${OWNER}:${it.head.ref}`);
      if (query.get("direction") === "desc") open.reverse();
      const keys = Object.keys(listed);
      const like = (it) => Object.fromEntries(keys.map((key) => [key, of(it)[key]]));
      return [200, open.slice(from, from + size).map(like)];
    }
    case "POST pulls": {
      const twin = pulls.find((it) => it.state === "open" && it.head.ref === body.head);
      if (twin) return refuse(`A pull request already exists for ${OWNER}:${body.head}.`);
      pulls.push(pull(pulls.length + 1, body));
      return [201, short(pulls.at(-1))];
    }
    case "PATCH pulls/n": {
      const { base, ...rest } = body;
      Object.assign(found, rest);
      if (rest.state === "closed") found.closed_by = found.user;
      if (base) found.base.ref = base;
      return [200, short(found)];
    }
    case "GET pulls/n/reviews": {
      const one = example("get", "/pulls/{pull_number}/reviews", 200)[0];
      return [200, found.reviews.map((login) => ({ ...one, user: user(login) }))];
    }
    case "POST pulls/n/requested_reviewers": {
      for (const login of body.reviewers ?? []) {
        if (login === found.user.login) {
          return refuse("Review cannot be requested from pull request author.");
        }
        if (login.startsWith("nobody")) {
          return refuse("Reviews may only be requested from collaborators.");
        }
        found.requested_reviewers.push(user(login));
      }
      const one = example("post", "/pulls/{pull_number}/requested_reviewers", 201);
      for (const slug of body.team_reviewers ?? []) {
        // The example lacks a field that the description demands.
        const team = { ...one.requested_teams[0], type: "organization" };
        found.requested_teams.push({ ...team, slug, name: slug });
      }
      const { requested_reviewers, requested_teams } = found;
      return [201, { ...one, requested_reviewers, requested_teams }];
    }
    case "GET issues/n": {
      const one = example("get", "/issues/{issue_number}", 200);
      return [200, { ...one, number: found.number, closed_by: found.closed_by ?? null }];
    }
    case "POST issues/n/labels": {
      const one = example("post", "/issues/{issue_number}/labels", 200)[0];
      found.labels.push(...body.labels.map((name) => ({ ...one, name })));
      return [200, found.labels];
    }
    case "POST issues/n/comments":
      return [201, example("post", "/issues/{issue_number}/comments", 201)];
    default:
      return [404, { message: "Not Found", status: "404" }];
  }
}

async function read(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

function reply(response, status, body, headers = {}) {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}

function listen(server) {
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));
}

async function freePort() {
  const probe = createProbe();
  const port = await listen(probe);
  await new Promise((done) => probe.close(done));
  return port;
}

const stub = http.createServer(async (request, response) => {
  const text = (await read(request)).toString();
  if (request.headers.authorization !== `Bearer ${TOKEN}`) {
    // Repeats what it was sent, as a careless server would.
    const message = `Bad credentials: ${request.headers.authorization}`;
    return reply(response, 401, { message, documentation_url: "https://docs.example/", status: "401" });
  }
  const url = new URL(request.url, "http://stub");
  const prefix = `/repos/${OWNER}/${REPOSITORY}`;
  const route = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : "";
  const body = text ? JSON.parse(text) : {};
  reply(response, ...answer(request.method, route, url.searchParams, body));
});

const folder = mkdtempSync(path.join(tmpdir(), "ordinance-forge-"));
const reduced = path.join(folder, "description.json");
writeFileSync(reduced, JSON.stringify(description));
const stubPort = await listen(stub);
const proxyPort = await freePort();
const proxy = spawn(
  process.execPath,
  [
    path.join(here, "node_modules/@stoplight/prism-cli/dist/index.js"),
    ...["proxy", reduced, `http://127.0.0.1:${stubPort}`],
    ...["--host", "127.0.0.1", "--port", `${proxyPort}`],
  ],
  { stdio: ["ignore", "pipe", "inherit"] },
);

function end(status) {
  proxy.kill();
  rmSync(folder, { recursive: true, force: true });
  process.exit(status);
}
proxy.on("exit", () => end(1));
process.stdin.on("end", () => end(0)).resume();

const prepared = [];
const log = [];
const door = http.createServer(async (request, response) => {
  const body = await read(request);
  if (request.url === "/next") {
    prepared.push(JSON.parse(body.toString()));
    return reply(response, 200, {});
  }
  if (request.url === "/close") {
    Object.assign(pulls[JSON.parse(body.toString()) - 1], {
      state: "closed",
      closed_by: user("somebody"),
    });
    return reply(response, 200, {});
  }
  if (request.url === "/log") return reply(response, 200, log.splice(0));
  const { method } = request;
  const route = request.url.startsWith(PREFIX) ? request.url.slice(PREFIX.length) : "/outside";
  const told = (status, violations) => log.push({ method, route, status, violations });
  const next = prepared.shift();
  if (next) {
    told(next.status, []);
    return reply(response, next.status, next.body ?? {}, next.headers);
  }
  const headers = { ...request.headers, host: `127.0.0.1:${proxyPort}` };
  const onward = http.request(
    { host: "127.0.0.1", port: proxyPort, method, path: route, headers },
    async (from) => {
      const text = await read(from);
      const { "sl-violations": violations, ...kept } = from.headers;
      told(from.statusCode, violations ? JSON.parse(violations) : []);
      response.writeHead(from.statusCode, kept);
      response.end(text);
    },
  );
  onward.on("error", (error) => reply(response, 502, { message: String(error) }));
  onward.end(body);
});
const doorPort = await listen(door);

await new Promise((done) => {
  proxy.stdout.on("data", (part) => part.toString().includes("is listening") && done());
});
const address = `http://127.0.0.1:${doorPort}`;
console.log(JSON.stringify({ ready: `${address}${PREFIX}`, door: address }));
