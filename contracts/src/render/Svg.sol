// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Vector pictures made on chain from palette indices
/// @notice Drawn at marketplace size and sharp in any renderer, because they are made of whole pixels and no bitmap has to be scaled.
library Svg {
    /// @dev Marketplaces ask for pictures of 3000 pixels or more; the drawn side is the smallest whole multiple that reaches it.
    uint256 private constant DRAWN_SIDE = 3_000;
    /// @dev `M127 127h128`, the longest text of one run when width and height are at most 128.
    uint256 private constant RUN_CHARS = 12;
    /// @dev `<path stroke="#rrggbb" d=""/>` and one word to spare for the word-wise writes.
    uint256 private constant COLOUR_CHARS = 64;
    /// @dev Upper bound of the opening tag, the background and the closing tag together.
    uint256 private constant FRAME_CHARS = 384;

    /// @notice An SVG document, one horizontal stroke for each run of one colour, grouped by colour.
    /// @param pixels One palette index 0..15 a byte, row-major, `width * height` bytes.
    /// @param width In pixels, 1..128.
    /// @param height In pixels, 1..128.
    /// @param scale Display factor of the model, at least 1; the drawn pixel is a multiple of it.
    /// @param palette 16 colours, 3 bytes each.
    /// @return text The document.
    /// @return colours Number of colours that occur.
    /// @dev A stroke of width 1 along y = 0 covers -0.5 .. 0.5, hence the view box starts at -0.5.
    function draw(bytes memory pixels, uint256 width, uint256 height, uint256 scale, bytes memory palette)
        internal
        pure
        returns (bytes memory text, uint256 colours)
    {
        (uint256[] memory runs, uint256[16] memory heads, uint256 count) = _runs(pixels, width, height);
        uint256 unit = drawnPixel(width, scale);
        text = new bytes(FRAME_CHARS + 16 * COLOUR_CHARS + RUN_CHARS * count);
        uint256 start;
        // Memory safe: reads the address of the first text byte.
        assembly ("memory-safe") {
            start := add(text, 0x20)
        }

        uint256 cursor = _text(start, '<svg xmlns="http://www.w3.org/20');
        cursor = _text(cursor, '00/svg" width="');
        cursor = _decimal(cursor, width * unit);
        cursor = _text(cursor, '" height="');
        cursor = _decimal(cursor, height * unit);
        cursor = _text(cursor, '" viewBox="0 -0.5 ');
        cursor = _decimal(cursor, width);
        cursor = _text(cursor, " ");
        cursor = _decimal(cursor, height);
        cursor = _text(cursor, '" shape-rendering="crispEdges"');
        cursor = _text(cursor, '><path fill="#');
        // The corner pixel's colour fills the picture first, so that its runs need no strokes: with a plain background that is
        // about half of the picture.
        uint256 background = uint8(pixels[0]);
        cursor = _colour(cursor, palette, background);
        cursor = _text(cursor, '" d="M0-0.5h');
        cursor = _decimal(cursor, width);
        cursor = _text(cursor, "v");
        cursor = _decimal(cursor, height);
        cursor = _text(cursor, "H0z");
        cursor = _text(cursor, '"/>');

        colours = 1;
        for (uint256 c; c < 16; ++c) {
            uint256 next = heads[c];
            if (next == 0) continue;
            ++colours;
            cursor = _text(cursor, '<path stroke="#');
            cursor = _colour(cursor, palette, c);
            cursor = _text(cursor, '" d="');
            cursor = _strokes(cursor, runs, next);
            cursor = _text(cursor, '"/>');
        }
        cursor = _text(cursor, "</svg>");
        // Memory safe: shortens `text` to what was written, which is at most what was allocated.
        assembly ("memory-safe") {
            mstore(text, sub(cursor, start))
        }
    }

    /// @notice Side of a drawn pixel: the smallest multiple of `scale` for which the picture is wide enough.
    function drawnPixel(uint256 width, uint256 scale) internal pure returns (uint256) {
        return scale * ((DRAWN_SIDE + width * scale - 1) / (width * scale));
    }

    /// @dev Linked lists of runs, one list a colour, in reading order, without the corner pixel's colour.
    /// @return runs Element i > 0 is a run: next element, length, y and x in 16 bits each, from the high end down. 0 ends a list.
    /// @return heads First run of each colour, or 0.
    /// @return count Number of runs.
    function _runs(bytes memory pixels, uint256 width, uint256 height)
        private
        pure
        returns (uint256[] memory runs, uint256[16] memory heads, uint256 count)
    {
        runs = new uint256[](width * height + 1);
        // Memory safe: writes elements 1 .. width*height of `runs`, as each run takes at least one pixel, and heads[0..15], as
        // every pixel is at most 15. Reads the words that end at a pixel's byte; the length word lies before the first one, so
        // they stay inside `pixels`. x and y only go down to 0, so nothing wraps. Rows and runs are taken from the end, because
        // a list grows at its head.
        assembly ("memory-safe") {
            let background := byte(0, mload(add(pixels, 0x20)))
            for { let y := height } y {} {
                y := sub(y, 1)
                let row := add(pixels, mul(y, width)) // mload(row + x) ends with pixel x - 1
                for { let x := width } x {} {
                    let end := x
                    let colour := and(mload(add(row, x)), 0xff)
                    x := sub(x, 1)
                    for {} x { x := sub(x, 1) } {
                        if iszero(eq(and(mload(add(row, x)), 0xff), colour)) { break }
                    }
                    if iszero(eq(colour, background)) {
                        let head := add(heads, shl(5, colour))
                        count := add(count, 1)
                        mstore(
                            add(runs, shl(5, add(count, 1))),
                            or(or(shl(48, mload(head)), shl(32, sub(end, x))), or(shl(16, y), x))
                        )
                        mstore(head, count)
                    }
                }
            }
        }
    }

    /// @dev Writes `M{x} {y}h{length}` for every run of the list that starts at `next`; returns the end.
    function _strokes(uint256 cursor, uint256[] memory runs, uint256 next) private pure returns (uint256) {
        while (next != 0) {
            uint256 run = runs[next];
            cursor = _char(cursor, "M");
            cursor = _decimal(cursor, run & 0xffff);
            cursor = _char(cursor, " ");
            cursor = _decimal(cursor, (run >> 16) & 0xffff);
            cursor = _char(cursor, "h");
            cursor = _decimal(cursor, (run >> 32) & 0xffff);
            next = run >> 48;
        }
        return cursor;
    }

    function _char(uint256 cursor, bytes1 c) private pure returns (uint256 end) {
        // Memory safe: one byte inside the text that `draw` allocated for the longest case.
        assembly ("memory-safe") {
            mstore8(cursor, byte(0, c))
            end := add(cursor, 1)
        }
    }

    /// @dev Writes a literal of at most 32 characters without zero bytes; returns its end.
    function _text(uint256 cursor, bytes32 literal) private pure returns (uint256 end) {
        // Memory safe: the whole word lies inside the text that `draw` allocated: FRAME_CHARS and COLOUR_CHARS count a word to
        // spare. Later text overwrites the zeros after the literal.
        assembly ("memory-safe") {
            mstore(cursor, literal)
            end := cursor
            for {} 1 { end := add(end, 1) } {
                if eq(end, add(cursor, 32)) { break }
                if iszero(byte(sub(end, cursor), literal)) { break }
            }
        }
    }

    /// @dev Writes a number in 0..99999 as decimal digits; returns its end.
    function _decimal(uint256 cursor, uint256 value) private pure returns (uint256 end) {
        // Memory safe: at most five bytes inside the text that `draw` allocated. Digits are written from the last one backwards.
        assembly ("memory-safe") {
            end := add(cursor, add(add(1, gt(value, 9)), add(gt(value, 99), add(gt(value, 999), gt(value, 9999)))))
            for { let to := sub(end, 1) } 1 { to := sub(to, 1) } {
                mstore8(to, add(48, mod(value, 10)))
                value := div(value, 10)
                if iszero(value) { break }
            }
        }
    }

    /// @dev Writes colour `index` of the palette as six hexadecimal digits; returns the end.
    function _colour(uint256 cursor, bytes memory palette, uint256 index) private pure returns (uint256) {
        for (uint256 i = 3 * index; i < 3 * index + 3; ++i) {
            uint8 value = uint8(palette[i]);
            cursor = _char(cursor, _hexDigit(value >> 4));
            cursor = _char(cursor, _hexDigit(value & 15));
        }
        return cursor;
    }

    function _hexDigit(uint8 value) private pure returns (bytes1) {
        return bytes1(value < 10 ? 48 + value : 87 + value);
    }
}
