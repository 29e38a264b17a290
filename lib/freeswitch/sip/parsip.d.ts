/** What is used of parsip 1.0.7, a fork of JsSIP's grammar, which has no types of its own. */
declare module 'parsip/lib/Parser' {
  namespace Parser {
    /** Of a response; a field is null or undefined when its header is missing. */
    interface Message {
      status_code?: number | null;
      reason_phrase?: string | null;
      via_branch?: string | null;
      call_id?: string | null;
      cseq?: number | null;
      method?: string | null;
    }
  }
  const Parser: {
    /** Undefined when it is no SIP message. Throws a TypeError on some malformed headers (a bad CSeq is one). */
    parseMessage(data: string): Parser.Message | undefined;
  };
  export = Parser;
}
