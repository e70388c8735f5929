import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutForHtml, htmlOf, plainText } from '../../../supabase/functions/_shared/providers/html_text.ts';

describe('the text of HTML', () => {
  test.each([
    ['Une<br>Deux<br/>Trois', 'Une\nDeux\nTrois'],
    ['<p>Une</p><p>Deux</p>', 'Une\nDeux\n'],
    ['Liste<ul><li>un</li><li>deux <b>gras</b></li></ul>fin', 'Liste\nun\ndeux gras\nfin'],
    ['Caf&eacute;&nbsp;&amp; th&#233;', 'Café & thé'],
    ['<style>a {}</style>vu<script>b()</script><!-- c --><title>d</title>', 'vu'],
    ['de la 1<sup>re</sup>\nà la 2<sup>e</sup>', 'de la 1re\nà la 2e'],
  ])('%s reads %j', (html, text) => {
    expect(plainText(html, 'kept')).toBe(text);
  });

  test('keeps links as their address, once', () => {
    expect(plainText('<a href="https://x.test/?a=1&amp;b=2">le plan</a>', 'kept')).toBe(
      'le plan (https://x.test/?a=1&b=2)',
    );
    expect(plainText('<a href="https://x.test/">https://x.test</a>', 'kept')).toBe('https://x.test');
    expect(plainText('<a href="mailto:a@x.test">a@x.test</a>, <a href="tel:+331">nous</a>', 'kept')).toBe(
      'a@x.test, nous (+331)',
    );
    expect(plainText('<a href="https://x.test"><img src="logo"></a>', 'kept')).toBe('https://x.test');
  });

  test('names no address that a calendar must not lead to', () => {
    expect(plainText('<a href="javascript:alert(1)">ici</a>', 'kept')).toBe('ici');
  });

  test('is what text without mark-up already is', () => {
    for (const text of ['a < b & c', 'moins de <5 mm', 'Toux <a suivre', 'AT&T', '« nuit »', '  a\n\n b ', '</']) {
      expect(plainText(text, 'kept')).toBe(text);
      expect(htmlOf(text)).toBe(text);
    }
  });

  test('collapses white space where a browser does', () => {
    expect(plainText('<div> Une \n\t ligne </div>\n<div>et <i> une</i> autre</div>', 'collapsed')).toBe(
      'Une ligne\net une autre\n',
    );
  });
});

describe('the HTML of a text', () => {
  const pieces = fc.constantFrom(
    '<',
    '>',
    '&',
    '<b>',
    '</b>',
    '<!--',
    '&amp;',
    '&nbsp;',
    '&#',
    ';',
    'a',
    ' ',
    '\n',
    'é',
  );
  const text = fc.oneof(fc.array(pieces).map((all) => all.join('')), fc.string({ unit: 'grapheme' }));

  test('reads as that text', () => {
    fc.assert(fc.property(text, (one) => plainText(htmlOf(one), 'kept') === one), { numRuns: 2000 });
  });

  test('is as short as is asked, of as much of the text as fits', () => {
    fc.assert(
      fc.property(text, fc.nat(40), (one, length) => {
        const fitting = cutForHtml(one, length);
        expect(one.startsWith(fitting)).toBe(true);
        expect(htmlOf(fitting).length).toBeLessThanOrEqual(length);
        expect(cutForHtml(fitting, length)).toBe(fitting);
      }),
      { numRuns: 2000 },
    );
  });
});
