/** What a client is told; no secret. */
export type Target = {
  host: string
  hostAddress: string
  port: number
  user: string
  database: string
  caFile: string
}

export type Snippet = { id: string; label: string; language: string; text: string; note?: string }

/** A value of libpq's `key=value` form: quoted where it must be. */
const conninfoValue = (value: string): string =>
  /^[^\s'\\]+$/.test(value) ? value : `'${value.replace(/['\\]/g, (c) => `\\${c}`)}'`

/** A text between double quotes of a POSIX shell. */
const shellQuoted = (text: string): string => `"${text.replace(/["\\$`]/g, (c) => `\\${c}`)}"`

const string = (value: string): string => JSON.stringify(value)

/** A literal of C#'s verbatim form. */
const verbatim = (value: string): string => `@"${value.replaceAll('"', '""')}"`

/** Values of Npgsql's form are quoted when they hold what separates them. */
const npgsqlValue = (value: string): string => (/[;="'\s]/.test(value) ? `'${value.replaceAll("'", "''")}'` : value)

const uriOf = (t: Target, address: boolean): string => {
  const query = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: t.caFile })
  if (address) query.set('hostaddr', t.hostAddress)
  const place = `${t.host}:${t.port}/${encodeURIComponent(t.database)}`
  // libpq takes + in a query for itself, not for a space.
  return `postgresql://${encodeURIComponent(t.user)}@${place}?${query.toString().replaceAll('+', '%20')}`
}

const psql = (t: Target): string => {
  const pairs: [string, string][] = [
    ['host', t.host],
    ['hostaddr', t.hostAddress],
    ['port', String(t.port)],
    ['dbname', t.database],
    ['user', t.user],
    ['sslmode', 'verify-full'],
    ['sslrootcert', t.caFile],
  ]
  return `psql ${shellQuoted(pairs.map(([key, value]) => `${key}=${conninfoValue(value)}`).join(' '))}`
}

const node = (t: Target): string => `import { readFileSync } from 'node:fs'
import pg from 'pg'

const client = new pg.Client({
  host: ${string(t.hostAddress)},
  port: ${t.port},
  database: ${string(t.database)},
  user: ${string(t.user)},
  password: process.env.PGPASSWORD,
  ssl: { ca: readFileSync(${string(t.caFile)}), servername: ${string(t.host)} },
})
await client.connect()
console.log((await client.query('SELECT version()')).rows)
await client.end()`

const python = (t: Target): string => `import os
import psycopg

with psycopg.connect(
    host=${string(t.host)},
    hostaddr=${string(t.hostAddress)},
    port=${t.port},
    dbname=${string(t.database)},
    user=${string(t.user)},
    password=os.environ["PGPASSWORD"],
    sslmode="verify-full",
    sslrootcert=${string(t.caFile)},
) as connection:
    print(connection.execute("SELECT version()").fetchone())`

const java = (t: Target): string => `import java.sql.DriverManager;
import java.util.Properties;

var properties = new Properties();
properties.setProperty("user", ${string(t.user)});
properties.setProperty("password", System.getenv("PGPASSWORD"));
properties.setProperty("sslmode", "verify-full");
properties.setProperty("sslrootcert", ${string(t.caFile)});
var url = ${string(`jdbc:postgresql://${t.host}:${t.port}/${encodeURIComponent(t.database)}`)};
try (var connection = DriverManager.getConnection(url, properties);
     var rows = connection.createStatement().executeQuery("SELECT version()")) {
    rows.next();
    System.out.println(rows.getString(1));
}`

const dotnet = (t: Target): string => {
  const pairs = [
    `Host=${t.host}`,
    `Port=${t.port}`,
    `Database=${npgsqlValue(t.database)}`,
    `Username=${npgsqlValue(t.user)}`,
    'SSL Mode=VerifyFull',
    `Root Certificate=${npgsqlValue(t.caFile)}`,
  ]
  return `using Npgsql;

var text = ${verbatim(pairs.join(';'))}
    + ";Password=" + Environment.GetEnvironmentVariable("PGPASSWORD");
await using var source = NpgsqlDataSource.Create(text);
await using var command = source.CreateCommand("SELECT version()");
Console.WriteLine(await command.ExecuteScalarAsync());`
}

const go = (t: Target): string => `package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/jackc/pgx/v5"
)

func main() {
	ctx := context.Background()
	config, err := pgx.ParseConfig(${string(uriOf(t, false))})
	if err != nil {
		log.Fatal(err)
	}
	config.Password = os.Getenv("PGPASSWORD")
	config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{${string(t.hostAddress)}}, nil }
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close(ctx)
	var version string
	if err := connection.QueryRow(ctx, "SELECT version()").Scan(&version); err != nil {
		log.Fatal(err)
	}
	fmt.Println(version)
}`

const RESOLVES = 'The name itself must resolve: see below.'

/** How each client is told to connect: the certificate verified in full, the password left out of every text. */
export const snippetsFor = (t: Target): Snippet[] => [
  { id: 'psql', label: 'psql', language: 'shell', text: psql(t), note: 'It asks for the password.' },
  { id: 'uri', label: 'URI', language: 'URI', text: uriOf(t, true), note: 'For libpq and what is built on it.' },
  { id: 'node', label: 'Node.js', language: 'JavaScript, package pg', text: node(t) },
  { id: 'python', label: 'Python', language: 'Python, package psycopg 3', text: python(t) },
  { id: 'java', label: 'Java', language: 'Java, pgJDBC', text: java(t), note: RESOLVES },
  { id: 'dotnet', label: '.NET', language: 'C#, Npgsql', text: dotnet(t), note: RESOLVES },
  { id: 'go', label: 'Go', language: 'Go, pgx 5', text: go(t) },
]
