/**
 * Post JSON to the program; again for as long as it is too busy, as its clients are told to: the machine on which the tests run may be
 * busy with something else.
 */
export async function post(url: string, body: string): Promise<Response> {
  for (;;) {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    if (response.status !== 503 || !(await response.clone().text()).includes("too busy")) return response;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
